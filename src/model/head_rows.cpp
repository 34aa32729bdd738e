#include "model/head_rows.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace polytag {

namespace {

/// A transform of the architecture, as config.json shapes it.
ClsTransform transform_of(const HeadContext& context, ClsTransform transform) {
  const Architecture& architecture = context.architecture;
  if (architecture.read_transform != nullptr) {
    architecture.read_transform(context.config, transform);
  }
  return transform;
}

HeadConfig read_cls_dense(const HeadContext& context) {
  const Architecture& architecture = context.architecture;
  MeanClassifierConfig head;
  head.hidden_size = context.hidden_size;
  head.num_labels = context.labels.size();
  head.transform = transform_of(context, architecture.classifier_transform);
  head.classifier = architecture.classifier;
  head.activation = context.activation;
  if (architecture.pools_mean != nullptr && architecture.pools_mean(context.config)) return head;
  return static_cast<const ClsDenseConfig&>(head);
}

HeadConfig read_text_cnn(const HeadContext& context) {
  const ConfigReader& fields = context.fields;
  TextCnnConfig head;
  head.hidden_size = context.hidden_size;
  head.num_labels = context.labels.size();
  head.filter_sizes =
      fields.require(fields.sizes("filter_sizes"), "filter_sizes", "an array of whole numbers");
  head.num_filters = fields.require(fields.size("num_filters"), "num_filters", "a whole number");
  head.activation = context.activation;
  return head;
}

HeadConfig read_binary_relevance(const HeadContext& context) {
  const Architecture& architecture = context.architecture;
  if (!architecture.pooler) {
    throw context.fields.refusal(
        "head", "\"cls_dense\", since " + std::string(architecture.model_type) + " has no pooler",
        "a head that needs one");
  }
  BinaryRelevanceConfig head;
  head.hidden_size = context.hidden_size;
  head.num_labels = context.labels.size();
  head.transform = transform_of(context, *architecture.pooler);
  head.argmax_of_sigmoids = context.fields.boolean("argmax_of_sigmoids").value_or(false);
  return head;
}

HeadConfig read_seq2seq(const HeadContext& context) {
  const ConfigReader& fields = context.fields;
  const auto size = [&](std::string_view key) {
    return fields.require(fields.size(key), key, "a whole number");
  };
  const auto label = [&](std::string_view key) {
    const std::string name = fields.require(fields.string(key), key, "a label's name");
    return label_index(fields, key, name, context.labels);
  };
  Seq2SeqConfig head;
  head.hidden_size = context.hidden_size;
  head.num_labels = context.labels.size();
  head.encoder_units = size("encoder_units");
  head.encoder_layers = size("encoder_layers");
  head.label_embedding_size = size("label_embedding_size");
  head.start_id = label("start_label");
  head.end_id = label("end_label");
  head.maximum_length = size("maximum_length");
  head.beam_width = fields.size("beam_width").value_or(head.beam_width);
  head.length_penalty = static_cast<float>(fields.number("length_penalty").value_or(0));
  head.unique_labels = fields.boolean("unique_labels").value_or(false);
  head.forget_bias = static_cast<float>(fields.number("forget_bias").value_or(0));
  head.state_layer = fields.size("state_layer");
  if (fields.find("zero_embedding_label") != nullptr) {
    head.zero_embedding_id = label("zero_embedding_label");
  }
  head.fill_finished = fields.boolean("fill_finished").value_or(false);
  return head;
}

Activation dense_activation(const ConfigReader& module) {
  constexpr std::array kNames{std::pair{std::string_view("linear"), Activation::kNone},
                              std::pair{std::string_view("sigmoid"), Activation::kNone},
                              std::pair{std::string_view("tanh"), Activation::kTanh},
                              std::pair{std::string_view("relu"), Activation::kRelu},
                              std::pair{std::string_view("gelu"), Activation::kGeluErf}};
  const std::string found = module.string("activation").value_or("linear");
  for (const auto& [name, activation] : kNames) {
    if (name == found) return activation;
  }
  throw module.refusal("activation", "linear, sigmoid, tanh, relu or gelu", "\"" + found + "\"");
}

HeadConfig read_mean_dense(const HeadContext& context) {
  const ConfigReader& fields = context.fields;
  MeanDenseConfig head;
  head.hidden_size = context.hidden_size;
  head.num_labels = context.labels.size();
  head.activation = context.activation;
  const std::string path = "dense_modules";
  for (const Json& entry : fields.array(path)) {
    const ConfigReader module(entry, fields.file(),
                              fields.name(path) + "[" + std::to_string(head.modules.size()) + "]");
    const auto size = [&](std::string_view key) {
      return module.require(module.size(key), key, "a whole number");
    };
    head.modules.push_back({.name = module.require(module.string("name"), "name", "a folder"),
                            .in_features = size("in_features"),
                            .out_features = size("out_features"),
                            .has_bias = module.boolean("bias").value_or(true),
                            .activation = dense_activation(module)});
  }
  return head;
}

constexpr std::array<std::string_view, 2> kClsDense{"classifier", "pre_classifier"};
constexpr std::array<std::string_view, 1> kTextCnn{"text_cnn"};
constexpr std::array<std::string_view, 1> kBinaryRelevance{"classifiers"};
constexpr std::array<std::string_view, 1> kSeq2Seq{"seq2seq"};

constexpr std::array<std::string_view, 2> kMeanDense{"2_Dense", "3_Dense"};

constexpr std::array kRows{
    HeadRow{ClsDenseConfig::kName, read_cls_dense, kClsDense, false},
    HeadRow{TextCnnConfig::kName, read_text_cnn, kTextCnn, false},
    HeadRow{BinaryRelevanceConfig::kName, read_binary_relevance, kBinaryRelevance, true},
    HeadRow{Seq2SeqConfig::kName, read_seq2seq, kSeq2Seq, true},
    HeadRow{MeanDenseConfig::kName, read_mean_dense, kMeanDense, false},
};

}  // namespace

std::span<const HeadRow> head_rows() { return kRows; }

const HeadRow& read_head_row(const ConfigReader& fields) {
  const std::string name = fields.string("head").value_or(std::string(ClsDenseConfig::kName));
  const auto found = std::ranges::find(kRows, name, &HeadRow::name);
  if (found != kRows.end()) return *found;
  std::string known;
  for (const HeadRow& row : kRows) {
    const bool is_last = &row == &kRows.back();
    known.append(known.empty() ? "" : is_last ? " or " : ", ");
    known.append("\"").append(row.name).append("\"");
  }
  throw fields.refusal("head", known, "\"" + name + "\"");
}

std::size_t label_index(const ConfigReader& reader, std::string_view key, const std::string& name,
                        const LabelVocabulary& labels) {
  const auto index = labels.index_of(name);
  if (!index) throw reader.refusal(key, "names of labels in id2label", "\"" + name + "\"");
  return *index;
}

}  // namespace polytag
