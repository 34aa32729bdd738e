#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/encoders/encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/heads/label_activation.hpp"
#include "polytag/labels/text_scores.hpp"
#include "polytag/weights/weights.hpp"

namespace polytag {

/// The scopes in which a head declares its parameters.
struct HeadScope {
  ParameterList::Scope own;      ///< of what belongs to the head alone
  ParameterList::Scope encoder;  ///< of the encoder, where some architectures keep a pooler
};

/// @throws ShapeError if the hidden states are not as wide as a head was made for
inline void expect_hidden_size(const EncoderOutput& encoded, std::size_t hidden_size) {
  if (encoded.hidden_states.columns == hidden_size) return;
  throw ShapeError::mismatch("", "hidden states", std::to_string(hidden_size) + " columns",
                             std::to_string(encoded.hidden_states.columns));
}

/// The part that all heads have in common. Any type that meets this and LabelHead or SequenceHead
/// composes with our encoders. Immutable and safe for concurrent use, one workspace per call.
template <class H>
concept ClassificationHead = std::movable<H> &&
    std::constructible_from<H, const typename H::Config&, const typename H::Parameters&,
                            const Weights&, Precision> &&
    requires(const typename H::Config& config, const HeadScope& scope) {
  // what it is called in descriptions and model directories
  { H::kName } -> std::convertible_to<std::string_view>;
  // which rows of the last hidden layer it reads
  { H::kRows } -> std::convertible_to<HiddenRows>;
  // declares every tensor that it needs, without any weights
  { H::declare(scope, config) } -> std::same_as<typename H::Parameters>;
};

/// A head that has logits for every label, from which an activation makes scores.
template <class H>
concept LabelHead = ClassificationHead<H> &&
    requires(const H& head, const EncoderOutput& encoded, const ExecutionContext& context) {
  // [batch, labels], or two for each label (LabelActivation), in the context's workspace
  { head.logits(encoded, context) } -> std::same_as<MatrixView<float>>;
  { head.activation() } -> std::same_as<LabelActivation>;
};

/// A head that decodes label sequences; its scores follow from them.
template <class H>
concept SequenceHead = ClassificationHead<H> &&
    requires(const H& head, const EncoderOutput& encoded, std::size_t beams,
             const ExecutionContext& context) {
  // [batch], each with at most `beams` sequences
  { head.decode(encoded, beams, context) } -> std::same_as<std::vector<TextScores>>;
  // bytes that the search of one text takes beside the workspace, at most
  { head.bytes_per_text() } -> std::same_as<std::size_t>;
};

}  // namespace polytag
