#include "polytag/model/model_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "files/json.hpp"
#include "files/json_fields.hpp"
#include "model/model_config_json.hpp"
#include "model/model_files.hpp"
#include "model/quantized_config.hpp"
#include "polytag/encoders/encoder_names.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The keys of config.json where architectures differ in words, not in meaning.
struct ConfigKeys {
  std::string_view hidden_size, num_hidden_layers, num_attention_heads, intermediate_size,
      hidden_act;
};

constexpr ConfigKeys kUsualKeys{"hidden_size", "num_hidden_layers", "num_attention_heads",
                                "intermediate_size", "hidden_act"};
constexpr ConfigKeys kDistilbertKeys{"dim", "n_layers", "n_heads", "hidden_dim", "activation"};

Activation parse_activation(const ConfigReader& reader, std::string_view key) {
  constexpr std::array kNames{
      std::pair{std::string_view("gelu"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_python"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_new"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_fast"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_pytorch_tanh"), Activation::kGeluTanh},
      std::pair{std::string_view("relu"), Activation::kRelu},
      std::pair{std::string_view("tanh"), Activation::kTanh},
      std::pair{std::string_view("linear"), Activation::kNone},
  };
  const std::string found = reader.string(key).value_or("gelu");
  std::string known;
  for (const auto& [name, activation] : kNames) {
    if (name == found) return activation;
    known.append(known.empty() ? "one of " : ", ").append(name);
  }
  throw reader.refusal(key, known, "\"" + found + "\"");
}

/// Things that would change the arithmetic if they were asked for.
void refuse_unsupported(const ConfigReader& reader) {
  const std::string positions = reader.string("position_embedding_type").value_or("absolute");
  if (positions != "absolute") {
    throw reader.refusal("position_embedding_type", "\"absolute\"", "\"" + positions + "\"");
  }
  for (const std::string_view key : {"is_decoder", "add_cross_attention"}) {
    if (reader.boolean(key).value_or(false)) {
      throw reader.refusal(key, "false: classification reads a text in both directions", "true");
    }
  }
}

EncoderConfig read_encoder_config(const ConfigReader& reader) {
  EncoderConfig config;
  config.model_type =
      reader.require(reader.string("model_type"), "model_type", "one of " + EncoderNames::known());
  if (!EncoderNames::knows(config.model_type)) {
    throw reader.refusal("model_type", "one of " + EncoderNames::known(),
                         "\"" + config.model_type + "\"");
  }
  const bool distilbert = config.model_type == "distilbert";
  const bool albert = config.model_type == "albert";
  const ConfigKeys& keys = distilbert ? kDistilbertKeys : kUsualKeys;
  const auto size = [&](std::string_view key) {
    return reader.require(reader.size(key), key, "a whole number");
  };
  refuse_unsupported(reader);
  config.vocab_size = size("vocab_size");
  config.hidden_size = size(keys.hidden_size);
  const bool factorised = albert || config.model_type == "electra";
  config.embedding_size = factorised ? size("embedding_size") : config.hidden_size;
  config.num_hidden_layers = size(keys.num_hidden_layers);
  config.num_hidden_groups =
      albert ? reader.size("num_hidden_groups").value_or(1) : config.num_hidden_layers;
  config.inner_group_num = albert ? reader.size("inner_group_num").value_or(1) : 1;
  config.num_attention_heads = size(keys.num_attention_heads);
  config.intermediate_size = size(keys.intermediate_size);
  config.max_position_embeddings = size("max_position_embeddings");
  config.type_vocab_size = distilbert ? 0 : reader.size("type_vocab_size").value_or(2);
  config.hidden_act = parse_activation(reader, keys.hidden_act);
  // DistilBERT's layer norms have no field of their own; all of them use this value.
  config.layer_norm_eps = static_cast<float>(reader.number("layer_norm_eps").value_or(1e-12));
  config.validate(reader.file());
  return config;
}

/// `id2label` has the indices as strings, in any order; without it Hugging Face means two labels.
LabelVocabulary read_labels(const ConfigReader& reader) {
  const Json* const id2label = reader.find("id2label");
  if (id2label == nullptr) {
    const std::size_t count = reader.size("num_labels").value_or(2);
    constexpr std::size_t kMostUnnamed = 1 << 16;  // a small file must not ask for more
    if (count == 0 || count > kMostUnnamed) {
      throw reader.refusal("num_labels", "a number from 1 to " + std::to_string(kMostUnnamed),
                           std::to_string(count));
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("LABEL_" + std::to_string(i));
    return {std::move(names), reader.file()};
  }
  if (!id2label->is_object() || id2label->empty()) {
    throw reader.mismatch("id2label", "an object with an entry for each label", *id2label);
  }
  std::vector<std::string> names(id2label->size());
  std::vector<bool> named(names.size(), false);
  for (const auto& [key, name] : id2label->items()) {
    std::size_t index = names.size();
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc() || end != key.data() + key.size() || index >= names.size() ||
        named[index]) {
      throw reader.refusal("id2label",
                           "the keys \"0\" to \"" + std::to_string(names.size() - 1) + "\"",
                           "\"" + key + "\"");
    }
    if (!name.is_string()) throw reader.mismatch("id2label." + key, "a string", name);
    names[index] = name.get<std::string>();
    named[index] = true;
  }
  return {std::move(names), reader.file()};
}

std::string read_problem_type(const ConfigReader& reader) {
  const std::string type = reader.string("problem_type").value_or("");
  if (!type.empty() && type != "multi_label_classification" &&
      type != "single_label_classification") {
    throw reader.refusal("problem_type",
                         "\"multi_label_classification\" or \"single_label_classification\"",
                         "\"" + type + "\"");
  }
  return type;
}

std::size_t label_index(const ConfigReader& reader, std::string_view key, const std::string& name,
                        const LabelVocabulary& labels) {
  const auto index = labels.index_of(name);
  if (!index) throw reader.refusal(key, "names of labels in id2label", "\"" + name + "\"");
  return *index;
}

float checked_threshold(const ConfigReader& reader, const std::string& key, double value) {
  if (!(value >= 0 && value <= 1)) {
    throw reader.refusal(key, "a number from 0 to 1", std::to_string(value));
  }
  return static_cast<float>(value);
}

void read_decision(const ConfigReader& reader, ModelConfig& config) {
  DecisionPolicy& decision = config.decision;
  for (const std::string_view key : {"threshold", "thresholds", "top_k", "at_least_one"}) {
    const bool given = reader.find(key) != nullptr;
    config.has_decision = config.has_decision || given;
    config.has_thresholds = config.has_thresholds || (given && key != "at_least_one");
  }
  if (const auto threshold = reader.number("threshold")) {
    decision.threshold = checked_threshold(reader, "threshold", *threshold);
  }
  if (const Json* const thresholds = reader.find("thresholds")) {
    if (!thresholds->is_object()) {
      throw reader.mismatch("thresholds", "an object {label name: threshold}", *thresholds);
    }
    decision.label_thresholds.assign(config.labels.size(), decision.threshold);
    const ConfigReader cuts(*thresholds, reader.file(), reader.name("thresholds"));
    for (const auto& [name, value] : thresholds->items()) {
      const std::size_t index = label_index(reader, "thresholds", name, config.labels);
      decision.label_thresholds[index] = checked_threshold(
          cuts, name, cuts.require(cuts.number(name), name, "a number from 0 to 1"));
    }
  }
  decision.top_k = reader.size("top_k");
  if (decision.top_k == std::size_t{0}) throw reader.refusal("top_k", "at least 1", "0");
  decision.at_least_one = reader.boolean("at_least_one").value_or(false);
}

std::size_t required_label(const ConfigReader& reader, std::string_view key,
                           const LabelVocabulary& labels) {
  return label_index(reader, key, reader.require(reader.string(key), key, "a label's name"),
                     labels);
}

Seq2SeqConfig read_seq2seq(const ConfigReader& reader, const LabelVocabulary& labels) {
  const auto size = [&](std::string_view key) {
    return reader.require(reader.size(key), key, "a whole number");
  };
  Seq2SeqConfig head;
  head.encoder_units = size("encoder_units");
  head.encoder_layers = size("encoder_layers");
  head.label_embedding_size = size("label_embedding_size");
  head.start_id = required_label(reader, "start_label", labels);
  head.end_id = required_label(reader, "end_label", labels);
  head.maximum_length = size("maximum_length");
  head.beam_width = reader.size("beam_width").value_or(head.beam_width);
  head.length_penalty = static_cast<float>(reader.number("length_penalty").value_or(0));
  head.unique_labels = reader.boolean("unique_labels").value_or(false);
  head.forget_bias = static_cast<float>(reader.number("forget_bias").value_or(0));
  head.state_layer = reader.size("state_layer");
  if (reader.find("zero_embedding_label") != nullptr) {
    head.zero_embedding_id = required_label(reader, "zero_embedding_label", labels);
  }
  head.fill_finished = reader.boolean("fill_finished").value_or(false);
  return head;
}

HeadConfig read_head(const ConfigReader& reader, const LabelVocabulary& labels) {
  const std::string name = reader.string("head").value_or("cls_dense");
  HeadConfig config;
  if (name == "text_cnn") {
    auto& head = config.emplace<TextCnnConfig>();
    head.filter_sizes =
        reader.require(reader.sizes("filter_sizes"), "filter_sizes", "an array of whole numbers");
    head.num_filters = reader.require(reader.size("num_filters"), "num_filters", "a whole number");
  } else if (name == "binary_relevance") {
    auto& head = config.emplace<BinaryRelevanceConfig>();
    head.argmax_of_sigmoids = reader.boolean("argmax_of_sigmoids").value_or(false);
  } else if (name == "seq2seq") {
    config = read_seq2seq(reader, labels);
  } else if (name != "cls_dense") {
    throw reader.refusal("head", "\"cls_dense\", \"text_cnn\", \"binary_relevance\" or \"seq2seq\"",
                         "\"" + name + "\"");
  }
  return config;
}

void read_polytag_object(const ConfigReader& reader, ModelConfig& config) {
  config.head = read_head(reader, config.labels);
  const auto size = [&](auto& head) {
    head.hidden_size = config.encoder.hidden_size;
    head.num_labels = config.labels.size();
    if constexpr (requires { head.validate(config.file); }) head.validate(config.file);
  };
  std::visit(size, config.head);
  read_decision(reader, config);
  for (const std::string& name :
       reader.strings("excluded_labels").value_or(std::vector<std::string>{})) {
    config.excluded_labels.push_back(label_index(reader, "excluded_labels", name, config.labels));
  }
  std::ranges::sort(config.excluded_labels);
  config.excluded_labels.erase(
      std::unique(config.excluded_labels.begin(), config.excluded_labels.end()),
      config.excluded_labels.end());
  config.padded_length = reader.size("padded_length");
  if (config.padded_length && (*config.padded_length < 3 ||
                               *config.padded_length > config.encoder.max_position_embeddings)) {
    throw reader.refusal("padded_length",
                         "from 3 to max_position_embeddings (" +
                             std::to_string(config.encoder.max_position_embeddings) + ")",
                         std::to_string(*config.padded_length));
  }
}

}  // namespace

ModelConfig parse_model_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  ModelConfig config;
  config.file = file;
  config.encoder = read_encoder_config(reader);
  config.problem_type = read_problem_type(reader);
  config.labels = read_labels(reader);
  config.has_int8_weights = reads_int8(reader);
  const Json* const own = reader.find("polytag");
  const Json none = Json::object();
  read_polytag_object(ConfigReader(own == nullptr ? none : *own, file, "polytag"), config);
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& config_file) {
  const std::string file = config_file.string();
  return parse_model_config(parse_json(read_text_file(file, kMostConfigBytes), file), file);
}

}  // namespace polytag
