#include "model/name_map.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// A foreign name and ours. '#' stands for a number; one that ours lacks says which part of ours
/// the tensor is. '@' at the end stands for what a layer calls its tensors (kLeaves).
struct Rule {
  std::string_view foreign;
  std::string_view ours;
  bool transposed = false;
};

struct Leaf {
  std::string_view foreign;
  std::string_view ours;
  bool transposed;
};

constexpr std::array kLeaves{
    Leaf{"kernel", "weight", true},
    Leaf{"bias", "bias", false},
    Leaf{"gamma", "weight", false},
    Leaf{"beta", "bias", false},
};

// The encoders: names behind the scope, and behind "albert." or "bert.".

constexpr std::array kEmbeddings{
    Rule{"embeddings/word_embeddings", "embeddings.word_embeddings.weight"},
    Rule{"embeddings/token_type_embeddings", "embeddings.token_type_embeddings.weight"},
    Rule{"embeddings/position_embeddings", "embeddings.position_embeddings.weight"},
    Rule{"embeddings/LayerNorm/@", "embeddings.LayerNorm.@"},
};

constexpr std::string_view kAlbertLayer = "encoder/transformer/group_#/inner_group_#/";
constexpr std::string_view kOurAlbertLayer = "encoder.albert_layer_groups.#.albert_layers.#.";
constexpr std::array kAlbertLayerRules{
    Rule{"attention_1/self/query/@", "attention.query.@"},
    Rule{"attention_1/self/key/@", "attention.key.@"},
    Rule{"attention_1/self/value/@", "attention.value.@"},
    Rule{"attention_1/output/dense/@", "attention.dense.@"},
    Rule{"LayerNorm/@", "attention.LayerNorm.@"},
    Rule{"ffn_1/intermediate/dense/@", "ffn.@"},
    Rule{"ffn_1/intermediate/output/dense/@", "ffn_output.@"},
    Rule{"LayerNorm_1/@", "full_layer_layer_norm.@"},
};
constexpr std::array kAlbertRules{
    Rule{"encoder/embedding_hidden_mapping_in/@", "encoder.embedding_hidden_mapping_in.@"},
    Rule{"pooler/dense/@", "pooler.@"},
};

constexpr std::string_view kBertLayer = "encoder/layer_#/";
constexpr std::string_view kOurBertLayer = "encoder.layer.#.";
constexpr std::array kBertLayerRules{
    Rule{"attention/self/query/@", "attention.self.query.@"},
    Rule{"attention/self/key/@", "attention.self.key.@"},
    Rule{"attention/self/value/@", "attention.self.value.@"},
    Rule{"attention/output/dense/@", "attention.output.dense.@"},
    Rule{"attention/output/LayerNorm/@", "attention.output.LayerNorm.@"},
    Rule{"intermediate/dense/@", "intermediate.dense.@"},
    Rule{"output/dense/@", "output.dense.@"},
    Rule{"output/LayerNorm/@", "output.LayerNorm.@"},
};
constexpr std::array kBertRules{
    Rule{"pooler/dense/@", "pooler.dense.@"},
};

// The heads: whole names. Logits of Google's classifiers and of the first of the four graphs of
// classifier-multi-label are a product with output_weights as it lies, [labels, hidden].

constexpr std::array kHeadRules{
    Rule{"output_weights", "classifier.weight"},
    Rule{"output_bias", "classifier.bias"},
    Rule{"TextCNN/conv-maxpool-#/W", "text_cnn.convolutions.#.weight", true},
    Rule{"TextCNN/conv-maxpool-#/b", "text_cnn.convolutions.#.bias"},
    Rule{"output_weights#", "classifiers.weight"},
    Rule{"output_bias#", "classifiers.bias"},
    Rule{"Encoder/bidirectional_rnn/fw/multi_rnn_cell/cell_#/basic_lstm_cell/@",
         "seq2seq.encoder.forward.#.@"},
    Rule{"Encoder/bidirectional_rnn/bw/multi_rnn_cell/cell_#/basic_lstm_cell/@",
         "seq2seq.encoder.backward.#.@"},
    Rule{"Decoder/memory_layer/@", "seq2seq.memory_layer.@"},
    Rule{"Decoder/decoder_embedding", "seq2seq.label_embedding.weight"},
    Rule{"Decoder/decoder/attention_wrapper/basic_lstm_cell/@", "seq2seq.decoder.@"},
    Rule{"Decoder/decoder/attention_wrapper/bahdanau_attention/query_layer/@",
         "seq2seq.attention.query_layer.@"},
    Rule{"Decoder/decoder/attention_wrapper/bahdanau_attention/attention_v", "seq2seq.attention.v"},
    Rule{"Decoder/decoder/attention_wrapper/attention_layer/@", "seq2seq.attention_layer.@"},
    Rule{"Decoder/decoder/dense/@", "seq2seq.output.@"},
};

/// What training left in a checkpoint beside the model. Matched as whole parts of a name's end.
struct LeftOver {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kOptimizer = "optimizer state";
constexpr std::string_view kCounter = "counter of training steps";
constexpr std::array kLeftOvers{
    LeftOver{"adam_m", kOptimizer},
    LeftOver{"adam_v", kOptimizer},
    LeftOver{"AdamWeightDecayOptimizer", kOptimizer},
    LeftOver{"AdamWeightDecayOptimizer_1", kOptimizer},
    LeftOver{"Adam", kOptimizer},
    LeftOver{"Adam_1", kOptimizer},
    LeftOver{"beta1_power", kOptimizer},
    LeftOver{"beta2_power", kOptimizer},
    LeftOver{"global_step", kCounter},
};

constexpr std::string_view kPretraining = "only pre-training uses it";
constexpr std::string_view kTensorFlowPretraining = "cls/";
constexpr std::array<std::string_view, 6> kHuggingFacePretraining{
    "cls.",      "predictions.", "sop_classifier.", "vocab_", "discriminator_predictions.",
    "generator_"};

/// What the graphs of classifier-multi-label have and no other does: the optimizer in the scope of
/// the loss, and three heads of their own.
constexpr std::array<std::string_view, 4> kClassifierMultiLabel{"loss/global_step", "TextCNN/",
                                                                "output_weights0", "Decoder/"};

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// The number at the beginning of a name as it is written; empty if there is none that a checkpoint
/// would have.
std::string_view leading_number(std::string_view name) {
  std::size_t size = 0;
  while (size < name.size() && is_digit(name[size])) ++size;
  const bool canonical = size == 1 || (size > 1 && size <= 6 && name[0] != '0');
  return canonical ? name.substr(0, size) : std::string_view();
}

/// A pattern's match: what '#' and '@' stood for.
struct Match {
  std::vector<std::string_view> numbers;
  const Leaf* leaf = nullptr;
};

std::optional<Match> match(std::string_view pattern, std::string_view name) {
  Match found;
  for (const char expected : pattern) {
    if (expected == '#') {
      const std::string_view number = leading_number(name);
      if (number.empty()) return std::nullopt;
      found.numbers.push_back(number);
      name.remove_prefix(number.size());
    } else if (expected == '@') {
      const auto* const leaf = std::ranges::find(kLeaves, name, &Leaf::foreign);
      if (leaf == kLeaves.end()) return std::nullopt;
      found.leaf = leaf;
      name = {};
    } else {
      if (name.empty() || name.front() != expected) return std::nullopt;
      name.remove_prefix(1);
    }
  }
  return name.empty() ? std::optional(found) : std::nullopt;
}

MappedName apply(const Rule& rule, const Match& found) {
  MappedName mapped;
  mapped.transposed = rule.transposed || (found.leaf != nullptr && found.leaf->transposed);
  std::size_t number = 0;
  for (const char character : rule.ours) {
    if (character == '#') {
      mapped.target.append(found.numbers[number++]);
    } else if (character == '@') {
      mapped.target.append(found.leaf->ours);
    } else {
      mapped.target.push_back(character);
    }
  }
  if (number < found.numbers.size()) {
    mapped.part = std::stoul(std::string(found.numbers[number]));
  }
  return mapped;
}

std::optional<MappedName> find(std::span<const Rule> rules, std::string_view name) {
  for (const Rule& rule : rules) {
    if (const auto found = match(rule.foreign, name)) return apply(rule, *found);
  }
  return std::nullopt;
}

/// The rules of a layer, whose names begin with what `layer` describes.
std::optional<MappedName> find_in_layer(std::string_view layer, std::string_view our_layer,
                                        std::span<const Rule> rules, std::string_view name) {
  for (const Rule& rule : rules) {
    const std::string foreign = std::string(layer).append(rule.foreign);
    if (const auto found = match(foreign, name)) {
      const std::string ours = std::string(our_layer).append(rule.ours);
      return apply({foreign, ours, rule.transposed}, *found);
    }
  }
  return std::nullopt;
}

std::optional<MappedName> find_encoder(bool albert, std::string_view name) {
  if (auto mapped = find(kEmbeddings, name)) return mapped;
  if (albert) {
    if (auto mapped = find(kAlbertRules, name)) return mapped;
    return find_in_layer(kAlbertLayer, kOurAlbertLayer, kAlbertLayerRules, name);
  }
  if (auto mapped = find(kBertRules, name)) return mapped;
  return find_in_layer(kBertLayer, kOurBertLayer, kBertLayerRules, name);
}

bool starts_with_any(std::string_view name, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Why training's leftovers are left out; empty for tensors of the model.
std::string_view reason_to_leave_out(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('/') + 1);
  const auto* const left_over = std::ranges::find(kLeftOvers, last, &LeftOver::name);
  if (left_over != kLeftOvers.end()) return left_over->reason;
  return name.starts_with(kTensorFlowPretraining) ? kPretraining : std::string_view();
}

/// Hugging Face's names of today for those of its first years and of wrapped models.
std::string modern(std::string_view name) {
  if (name.starts_with("module.")) name.remove_prefix(std::string_view("module.").size());
  for (const auto& [old, now] : {std::pair<std::string_view, std::string_view>{"gamma", "weight"},
                                 std::pair<std::string_view, std::string_view>{"beta", "bias"}}) {
    if (name.ends_with(std::string("LayerNorm.").append(old))) {
      return std::string(name.substr(0, name.size() - old.size())).append(now);
    }
  }
  return std::string(name);
}

}  // namespace

NameMap::NameMap(const WeightSource& source) {
  constexpr std::string_view kFirst = "embeddings/word_embeddings";
  std::vector<std::string_view> scopes;
  bool hugging_face = false;
  bool albert = false;
  for (const StoredTensor& tensor : source.tensors()) {
    const std::string_view name = tensor.name;
    for (const std::string_view scope : {"albert/", "bert/"}) {
      if (!name.starts_with(scope)) continue;
      if (name.substr(scope.size()) == kFirst) scopes.push_back(scope);
      albert = albert || name.substr(scope.size()).starts_with("encoder/transformer/");
    }
    hugging_face = hugging_face || name.ends_with("embeddings.word_embeddings.weight");
  }
  if (scopes.size() + (hugging_face ? 1 : 0) != 1) {
    throw FormatError::mismatch(
        source.location(), "names of tensors",
        "one encoder: bert/embeddings/word_embeddings or albert/embeddings/word_embeddings as "
        "TensorFlow's graphs have it, or …embeddings.word_embeddings.weight as Hugging Face does",
        scopes.empty() && !hugging_face ? "none of them" : "several");
  }
  if (hugging_face) return;
  scope_ = scopes.front();
  model_type_ = albert ? "albert" : "bert";
  is_classifier_multi_label_ =
      std::ranges::any_of(source.tensors(), [](const StoredTensor& tensor) {
        return starts_with_any(tensor.name, kClassifierMultiLabel);
      });
}

MappedName NameMap::map(std::string_view name) const {
  if (!is_tensorflow()) {
    std::string target = modern(name);
    if (starts_with_any(target, kHuggingFacePretraining)) {
      return {.target = {}, .part = {}, .left_out = kPretraining};
    }
    return {.target = std::move(target), .part = {}, .left_out = {}};
  }
  if (const std::string_view reason = reason_to_leave_out(name); !reason.empty()) {
    return {.target = {}, .part = {}, .left_out = reason};
  }
  if (name.starts_with(scope_)) {
    if (auto mapped = find_encoder(model_type_ == "albert", name.substr(scope_.size()))) {
      mapped->target = std::string(model_type_).append(".").append(mapped->target);
      return *std::move(mapped);
    }
  } else if (auto mapped = find(kHeadRules, name)) {
    return *std::move(mapped);
  }
  return {.target = std::string(name), .part = {}, .left_out = {}};
}

std::string NameMap::description() const {
  if (!is_tensorflow()) return "Hugging Face's names";
  return std::string("TensorFlow's ")
      .append(model_type_ == "albert" ? "ALBERT" : "BERT")
      .append(" in scope ")
      .append(scope_);
}

}  // namespace polytag
