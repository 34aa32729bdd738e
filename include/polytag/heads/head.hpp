#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/encoders/encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/labels/text_scores.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// How logits become scores.
enum class LabelActivation {
  kSigmoid,  ///< each label on its own: multi-label
  kSoftmax,  ///< all labels share a probability of 1: single-label
};

/// Every label's score for every sequence of a batch.
struct LabelScores {
  Tensor values;  ///< [batch, labels], each in [0, 1]

  std::span<const float> of(std::size_t sequence) const { return values.matrix().row(sequence); }
};

/// @throws ShapeError if the hidden states are not as wide as a head was made for
inline void expect_hidden_size(const EncoderOutput& encoded, std::size_t hidden_size) {
  if (encoded.hidden_states.columns == hidden_size) return;
  throw ShapeError::mismatch("", "hidden states", std::to_string(hidden_size) + " columns",
                             std::to_string(encoded.hidden_states.columns));
}

/// Turns hidden states into scores. Any type that meets this composes with our encoders.
/// Immutable and safe for concurrent use, one workspace per call.
template <class H>
concept ClassificationHead = std::movable<H> &&
    std::constructible_from<H, const typename H::Config&, const WeightSource&, Precision> &&
    requires(const H& head, const typename H::Config& config, const EncoderOutput& encoded,
             const ExecutionContext& context) {
  // what it is called in descriptions and model directories
  { H::kName } -> std::convertible_to<std::string_view>;
  // which rows of the last hidden layer it reads
  { H::kRows } -> std::convertible_to<HiddenRows>;
  // every tensor that it needs, by name and shape
  { H::parameters(config) } -> std::same_as<std::vector<ParameterSpec>>;
  { head.scores(encoded, context) } -> std::same_as<LabelScores>;
};

/// A head that decodes label sequences; its scores follow from them.
template <class H>
concept SequenceHead = ClassificationHead<H> &&
    requires(const H& head, const EncoderOutput& encoded, std::size_t beams,
             const ExecutionContext& context) {
  // [batch], each with at most `beams` sequences
  { head.decode(encoded, beams, context) } -> std::same_as<std::vector<TextScores>>;
};

}  // namespace polytag
