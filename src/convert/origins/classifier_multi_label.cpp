#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert/origins/classifier_multi_label_rules.hpp"
#include "convert/origins/google.hpp"
#include "convert/origins/head_config.hpp"
#include "convert/origins/hyperparameters.hpp"
#include "convert/origins/origin.hpp"

namespace polytag {

namespace {

using namespace classifier_multi_label;
using Labels = std::vector<std::string>;

/// The features of the filters are concatenated in the order of the list that the graph was built
/// from, which the names do not tell.
void order_filter_sizes(RecognisedHead& head, const Hyperparameters& hyperparameters) {
  if (head.name != "text_cnn") return;
  const std::vector<std::size_t> given = hyperparameters.sizes("filter_sizes");
  const auto found = head.fields["filter_sizes"].get<std::vector<std::size_t>>();
  if (std::ranges::is_permutation(given, found)) head.fields["filter_sizes"] = given;
}

Json decoding_fields(const Labels& labels, const Hyperparameters& hyperparameters) {
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

/// The fields of `polytag` that make a model answer as the program that trained it.
Json habits(const RecognisedHead& head, const Labels& labels,
            const Hyperparameters& hyperparameters, std::vector<std::string>& notes) {
  Json fields = Json::object();
  Labels excluded;
  if (head.name == "seq2seq") {
    fields = decoding_fields(labels, hyperparameters);
    excluded.assign(labels.begin(), labels.begin() + kControlLabels);
    notes.push_back("Decoding starts from \"" + labels[kStartId] + "\" and ends at \"" +
                    labels[kEndId] + "\", as in the original program.");
  } else {
    excluded.push_back(labels.front());
  }
  if (head.name == "binary_relevance") fields["argmax_of_sigmoids"] = true;
  if (head.name == "text_cnn" || head.name == "seq2seq") {
    fields["padded_length"] = hyperparameters.size("sequence_length", kSequenceLength);
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

Hyperparameters read_hyperparameters(const ConversionSource& files) {
  return files.hyperparameters.empty() ? Hyperparameters() : Hyperparameters(files.hyperparameters);
}

std::optional<bool> lower_case(const Hyperparameters& hyperparameters) {
  constexpr const char* kField = "do_lower_case";
  if (!hyperparameters.contains(kField)) return std::nullopt;
  return hyperparameters.boolean(kField, true);
}

}  // namespace

bool is_classifier_multi_label(const WeightSource& weights) {
  return std::ranges::any_of(weights.tensors(), [](const StoredTensor& tensor) {
    return std::ranges::any_of(
        kMarks, [&](std::string_view mark) { return tensor.name.starts_with(mark); });
  });
}

Origin classifier_multi_label_origin(OriginFiles files, const std::string& scope) {
  Graph graph = read_graph(files, scope, kHeads);
  const Hyperparameters hyperparameters = read_hyperparameters(files.files);
  order_filter_sizes(graph.head, hyperparameters);
  const std::size_t least = graph.head.name == "seq2seq" ? kControlLabels : 1;
  const Labels labels = read_graph_labels(files.files, graph.head, least);

  std::vector<std::string> notes;
  Json config = graph_config(std::move(files.config), graph, notes);
  if (!graph.head.name.empty()) config["problem_type"] = "multi_label_classification";
  if (!labels.empty()) {
    graph.head.fields.update(habits(graph.head, labels, hyperparameters, notes));
  }
  add_head(config, graph.head, labels, notes);
  TokenizerFiles tokenizer = graph_tokenizer(files.files, lower_case(hyperparameters), notes);
  tokenizer.config["model_max_length"] = hyperparameters.size("sequence_length", kSequenceLength);
  return graph_origin(std::move(graph), files.files, std::move(config), labels,
                      std::move(tokenizer), std::move(notes));
}

}  // namespace polytag
