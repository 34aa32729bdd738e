#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "polytag/heads/cls_dense_gradient.hpp"
#include "polytag/heads/mean_dense_gradient.hpp"
#include "polytag/heads/seq2seq_gradient.hpp"
#include "polytag/heads/text_cnn_gradient.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/training/head_backpropagation.hpp"
#include "support/random_weights.hpp"

namespace polytag::test {

inline constexpr std::size_t kLabels = 5;

/// A BERT of two groups of layers that three hidden layers share, with a projection: every kind of
/// parameter that the family has.
inline BertConfig small_bert() {
  BertConfig config;
  config.names = kAlbertNames;
  config.vocab_size = 23;
  config.hidden_size = 12;
  config.embedding_size = 7;
  config.num_hidden_layers = 3;
  config.num_hidden_groups = 2;
  config.num_attention_heads = 3;
  config.intermediate_size = 19;
  config.max_position_embeddings = 11;
  config.type_vocab_size = 2;
  config.layer_norm_eps = 1e-5F;
  return config;
}

inline ClsDenseConfig small_head(const ClsDenseConfig*) {
  ClsDenseConfig config;
  config.hidden_size = 12;
  config.num_labels = kLabels;
  config.transform = {"pooler", true, Activation::kTanh};
  return config;
}
inline BinaryRelevanceConfig small_head(const BinaryRelevanceConfig*) {
  BinaryRelevanceConfig config;
  config.hidden_size = 12;
  config.num_labels = kLabels;
  config.transform = {"pooler", true, Activation::kGeluErf};
  return config;
}
inline TextCnnConfig small_head(const TextCnnConfig*) {
  TextCnnConfig config;
  config.hidden_size = 12;
  config.num_labels = kLabels;
  config.filter_sizes = {2, 4};
  config.num_filters = 6;
  return config;
}
inline MeanDenseConfig small_head(const MeanDenseConfig*) {
  MeanDenseConfig config;
  config.hidden_size = 12;
  config.num_labels = kLabels;
  config.modules = {{"first", 12, 9, true, Activation::kTanh},
                    {"second", 9, kLabels, true, Activation::kNone}};
  return config;
}
inline Seq2SeqConfig small_head(const Seq2SeqConfig*) {
  Seq2SeqConfig config;
  config.hidden_size = 12;
  config.num_labels = kLabels;
  config.encoder_units = 6;
  config.encoder_layers = 3;
  config.label_embedding_size = 4;
  config.start_id = 1;
  config.maximum_length = 4;
  config.forget_bias = 1;
  config.state_layer = 1;
  config.zero_embedding_id = 0;
  return config;
}

/// Texts of odd lengths, one of them padded, with targets of both kinds.
class SmallTexts {
 public:
  SmallTexts() {
    std::uint32_t state = 1;
    const auto next = [&](std::uint32_t most) {
      state = state * 1664525 + 1013904223;
      return (state >> 16) % most;
    };
    for (const std::size_t length : {3U, 9U, 1U, 5U, 4U, 9U, 2U, 6U, 7U, 3U, 8U}) {
      std::vector<std::int32_t> ids, types;
      for (std::size_t i = 0; i < length; ++i) {
        ids.push_back(static_cast<std::int32_t>(next(23)));
        types.push_back(static_cast<std::int32_t>(next(2)));
      }
      std::vector<float> labels;
      for (std::size_t i = 0; i < kLabels; ++i) labels.push_back(static_cast<float>(next(2)));
      std::vector<std::size_t> sequence;
      for (std::size_t i = 0; i < 1 + length % 4; ++i) sequence.push_back(1 + next(4));
      ids_.push_back(ids);
      types_.push_back(types);
      labels_.push_back(labels);
      sequences_.push_back(sequence);
    }
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const std::size_t padding = i % 4 == 1 ? 2 : 0;
      texts_.push_back({ids_[i], types_[i], ids_[i].size() - padding, {labels_[i], sequences_[i]}});
    }
  }
  std::span<const training::TrainingText> texts() const { return texts_; }

 private:
  std::vector<std::vector<std::int32_t>> ids_, types_;
  std::vector<std::vector<float>> labels_;
  std::vector<std::vector<std::size_t>> sequences_;
  std::vector<training::TrainingText> texts_;
};

/// A loss that is smooth and different for every logit, and does not mind the head's kind.
inline double smooth_loss(std::span<const float> logits, const training::Target&,
                          std::span<float> gradient) {
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double x = double{logits[i]} + 0.3 * static_cast<double>(i % 3);
    const double y = std::tanh(x);
    loss += y * (1 + static_cast<double>(i % 5));
    gradient[i] = static_cast<float>((1 - y * y) * (1 + static_cast<double>(i % 5)));
  }
  return loss;
}

/// A head on a small encoder with random weights, and its engine.
template <class Backend, class Head>
class SmallEngine {
 public:
  using Encoder = BertEncoder<Backend>;

  explicit SmallEngine(const training::BackpropagationOptions& options,
                       InstructionSet level = default_instruction_set(),
                       const BertConfig& encoder = small_bert())
      : parameters(declare(encoder)),
        store(parameters, random_weights(parameters.specs(), 7)),
        engine(encoder, small_head(static_cast<const typename Head::Config*>(nullptr)), "albert",
               store, options, level) {}

  training::BatchLoss run(std::span<const training::TrainingText> texts, Executor& executor) {
    return engine.run(texts, smooth_loss, static_cast<double>(texts.size()), 3, executor);
  }

  ParameterList parameters;
  training::ParameterStore store;
  training::HeadBackpropagation<Encoder, Head> engine;

 private:
  static ParameterList declare(const BertConfig& encoder) {
    ParameterList list;
    Encoder::declare(list.root("albert"), encoder);
    Head::declare({list.root(), list.root("albert")},
                  small_head(static_cast<const typename Head::Config*>(nullptr)));
    return list;
  }
};

}  // namespace polytag::test
