#include "convert/origins/google.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "convert/origins/head_config.hpp"
#include "convert/origins/label_names.hpp"
#include "polytag/error.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

namespace {

/// A word with a capital, which a vocabulary of lower-cased texts has none of.
bool is_capitalised_word(std::string_view token) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_letter = [&](char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); };
  return std::ranges::all_of(token, is_letter) && std::ranges::any_of(token, is_upper);
}

bool has_capitals(const Vocabulary& vocabulary) {
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    if (is_capitalised_word(vocabulary.token(static_cast<std::int32_t>(id)))) return true;
  }
  return false;
}

}  // namespace

Graph read_graph(const OriginFiles& files, const std::string& scope,
                 std::span<const name_rules::Rule> head_rules) {
  auto names = std::make_unique<TensorFlowNames>(files.weights, scope, head_rules);
  ConvertedWeights weights = convert_weights(files.weights, *names, files.options.stop);
  RecognisedHead head = recognise_head(weights.weights);
  return {std::move(names), std::move(weights), std::move(head)};
}

Json graph_config(Json config, const Graph& graph, std::vector<std::string>& notes) {
  const std::string_view model_type = graph.names->model_type();
  config["model_type"] = model_type;
  config["architectures"] = {
      std::string(model_type == "albert" ? "Albert" : "Bert")
          .append(graph.head.name.empty() ? "Model" : "ForSequenceClassification")};
  config["layer_norm_eps"] = 1e-12;  // fixed in TensorFlow's contrib.layers.layer_norm
  config["pad_token_id"] = 0;
  const auto activation = config.find("hidden_act");
  if (activation != config.end() && *activation == "gelu") {
    *activation = "gelu_new";
    notes.push_back(
        "hidden_act \"gelu\" is \"gelu_new\" in Hugging Face's words: TensorFlow's BERT and ALBERT "
        "compute it with tanh.");
  } else if (activation != config.end() && *activation == "") {
    *activation = "linear";
  }
  return config;
}

std::vector<std::string> read_graph_labels(const ConversionSource& files,
                                           const RecognisedHead& head, std::size_t least) {
  if (head.name.empty()) return {};
  if (files.labels.empty()) {
    throw IoError::missing((files.checkpoint / "vocabulary_label.txt").string(),
                           "the names of the " + std::to_string(head.num_labels) +
                               " labels, as the tensors of " + head.name +
                               " have (ConvertOptions::labels names it)");
  }
  std::vector<std::string> labels = read_label_names(files.labels);
  check_label_count(files.labels, head, labels.size(), least);
  return labels;
}

TokenizerFiles graph_tokenizer(const ConversionSource& files, std::optional<bool> lower_case,
                               std::vector<std::string>& notes) {
  if (files.vocabulary.empty()) throw missing_tokenizer(files);
  const Vocabulary vocabulary =
      read_vocabulary(files.vocabulary.string(), BasicTokenizer::kTensorFlow);
  const bool lower = lower_case ? *lower_case : !has_capitals(vocabulary);
  notes.push_back(lower ? "Texts are lower-cased before they are looked up."
                        : "Texts keep their capitals, of which the vocabulary has some.");
  TokenizerFiles tokenizer;
  tokenizer.vocabulary = files.vocabulary;
  tokenizer.tokens = vocabulary.size();
  tokenizer.config = {{"basic_tokenizer", "tensorflow"},
                      {"cls_token", "[CLS]"},
                      {"do_lower_case", lower},
                      {"mask_token", "[MASK]"},
                      {"pad_token", "[PAD]"},
                      {"sep_token", "[SEP]"},
                      {"strip_accents", nullptr},
                      {"tokenize_chinese_chars", true},
                      {"tokenizer_class", "BertTokenizer"},
                      {"unk_token", "[UNK]"}};
  return tokenizer;
}

Origin graph_origin(Graph graph, const ConversionSource& files, Json config,
                    const std::vector<std::string>& labels, TokenizerFiles tokenizer,
                    std::vector<std::string> notes) {
  return {.names = std::move(graph.names),
          .weights = std::move(graph.weights),
          .head = std::move(graph.head),
          .config = std::move(config),
          .label_file = labels.empty() ? std::filesystem::path() : files.labels,
          .tokenizer = std::move(tokenizer),
          .notes = std::move(notes)};
}

Origin google_origin(OriginFiles files, const std::string& scope) {
  Graph graph = read_graph(files, scope, {});
  std::vector<std::string> notes;
  Json config = graph_config(std::move(files.config), graph, notes);
  const std::vector<std::string> labels = read_graph_labels(files.files, graph.head, 1);
  add_head(config, graph.head, labels, notes);
  TokenizerFiles tokenizer = graph_tokenizer(files.files, std::nullopt, notes);
  return graph_origin(std::move(graph), files.files, std::move(config), labels,
                      std::move(tokenizer), std::move(notes));
}

}  // namespace polytag
