#include "convert/converted_config.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace polytag {

namespace {

/// What the programs of classifier-multi-label use where their hyper-parameters do not say.
constexpr std::size_t kSequenceLength = 60;
constexpr std::size_t kBeamSize = 5;
constexpr std::size_t kMaximumLength = 5;

/// The control labels by index. The first two are named "S" and "E", but decoding starts from the
/// second and stops at the first, whose embedding counts as zeros.
constexpr std::size_t kEndId = 0;
constexpr std::size_t kStartId = 1;

/// Their decoder's first state is the third layer's, however many there are.
constexpr std::size_t kStateLayer = 2;

/// TensorFlow's BasicLSTMCell adds it to the forget gate at run time.
constexpr double kForgetBias = 1.0;

Json original_decoding(const std::vector<std::string>& labels,
                       const Hyperparameters& hyperparameters) {
  const bool beams = hyperparameters.boolean("is_beam_search", true);
  return {{"start_label", labels[kStartId]},
          {"end_label", labels[kEndId]},
          {"zero_embedding_label", labels[kEndId]},
          {"beam_width", beams ? hyperparameters.size("beam_size", kBeamSize) : 1},
          {"maximum_length", hyperparameters.size("max_length", kMaximumLength)},
          {"fill_finished", true},
          {"forget_bias", kForgetBias},
          {"state_layer", kStateLayer}};
}

/// The fields that make a model answer as the program that trained it.
Json original_fields(const RecognisedHead& head, const std::vector<std::string>& labels,
                     const ConfigContext& context, std::vector<std::string>& notes) {
  Json fields = Json::object();
  std::vector<std::string> excluded;
  if (head.name == "seq2seq") {
    fields = original_decoding(labels, context.hyperparameters);
    excluded.assign(labels.begin(), labels.begin() + kControlLabels);
    notes.push_back("Decoding starts from \"" + labels[kStartId] + "\" and ends at \"" +
                    labels[kEndId] + "\", as in the original program.");
  } else {
    excluded.push_back(labels.front());
  }
  if (head.name == "binary_relevance") fields["argmax_of_sigmoids"] = true;
  if (head.name == "text_cnn" || head.name == "seq2seq") {
    fields["padded_length"] = context.hyperparameters.size("sequence_length", kSequenceLength);
    notes.push_back("Every text is padded to " + fields["padded_length"].dump() +
                    " tokens, whose rows the head reads, as in the original program.");
  }
  std::string names;
  for (const std::string& name : excluded) {
    names.append(names.empty() ? "\"" : ", \"").append(name).append("\"");
  }
  notes.push_back("Never a result, as in the original program: " + names + ".");
  fields["excluded_labels"] = std::move(excluded);
  return fields;
}

void add_labels(Json& config, const std::vector<std::string>& labels) {
  Json id2label = Json::object();
  Json label2id = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  config["id2label"] = std::move(id2label);
  config["label2id"] = std::move(label2id);
  config.erase("num_labels");
}

/// A word with a capital, which a vocabulary of lower-cased texts has none of.
bool is_capitalised_word(std::string_view token) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_letter = [&](char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); };
  return std::ranges::all_of(token, is_letter) && std::ranges::any_of(token, is_upper);
}

}  // namespace

Json encoder_config(Json config, const ConfigContext& context, std::vector<std::string>& notes) {
  if (!context.names.is_tensorflow()) return config;
  const bool albert = context.names.model_type() == "albert";
  config["model_type"] = context.names.model_type();
  config["architectures"] = {albert ? "AlbertModel" : "BertModel"};
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

void add_head(Json& config, const RecognisedHead& head, const std::vector<std::string>& labels,
              const ConfigContext& context, std::vector<std::string>& notes) {
  if (head.name.empty()) {
    notes.push_back("The checkpoint has no head: the directory holds an encoder, to be trained.");
    return;
  }
  if (!labels.empty()) add_labels(config, labels);
  Json fields = config.value("polytag", Json::object());
  const bool is_plain = head.name == "cls_dense" && !context.is_classifier_multi_label;
  if (!is_plain) {
    fields["head"] = head.name;
    fields.update(head.fields);
  }
  if (context.is_classifier_multi_label) {
    config["problem_type"] = "multi_label_classification";
    fields.update(original_fields(head, labels, context, notes));
  }
  if (!fields.empty()) config["polytag"] = std::move(fields);
  if (context.names.is_tensorflow()) {
    const bool albert = context.names.model_type() == "albert";
    config["architectures"] = {albert ? "AlbertForSequenceClassification"
                                      : "BertForSequenceClassification"};
  }
  if (!config.contains("problem_type")) {
    notes.push_back(
        "Nothing says whether a text may have several labels: add problem_type to config.json, or "
        "give it when the model is loaded.");
  }
}

Json tokenizer_config(const Vocabulary& vocabulary, const ConfigContext& context,
                      std::size_t maximum_tokens, std::vector<std::string>& notes) {
  bool cased = false;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    cased = cased || is_capitalised_word(vocabulary.token(static_cast<std::int32_t>(id)));
  }
  const bool lower = context.hyperparameters.boolean("do_lower_case", !cased);
  notes.push_back(lower ? "Texts are lower-cased before they are looked up."
                        : "Texts keep their capitals, of which the vocabulary has some.");
  if (context.is_classifier_multi_label) {
    maximum_tokens = context.hyperparameters.size("sequence_length", kSequenceLength);
  }
  return {{"basic_tokenizer", "tensorflow"},
          {"cls_token", "[CLS]"},
          {"do_lower_case", lower},
          {"mask_token", "[MASK]"},
          {"model_max_length", maximum_tokens},
          {"pad_token", "[PAD]"},
          {"sep_token", "[SEP]"},
          {"strip_accents", nullptr},
          {"tokenize_chinese_chars", true},
          {"tokenizer_class", "BertTokenizer"},
          {"unk_token", "[UNK]"}};
}

}  // namespace polytag
