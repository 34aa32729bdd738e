#pragma once

#include <string_view>

#include "polytag/encoders/encoder.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/label_scores.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "support/plain_layers.hpp"

namespace polytag::test {

/// The parameters of an encoder alone.
template <TextEncoder Encoder>
ParameterList encoder_parameters(const typename Encoder::Config& config) {
  ParameterList list;
  Encoder::declare(list.root(), config);
  return list;
}

/// The parameters of a head alone.
template <ClassificationHead Head>
ParameterList head_parameters(const typename Head::Config& config) {
  ParameterList list;
  Head::declare({list.root(), list.root()}, config);
  return list;
}

/// An encoder alone. @param prefix  the scope of its tensors
template <TextEncoder Encoder>
Encoder make_encoder(const typename Encoder::Config& config, const WeightSource& weights,
                     Precision precision, std::string_view prefix = {}) {
  ParameterList list;
  const auto parameters = Encoder::declare(list.root(prefix), config);
  return {config, parameters, Weights(list, weights), precision};
}

/// The encoder of a model directory.
template <TextEncoder Encoder>
Encoder make_encoder(const ModelDirectory& model, Precision precision) {
  return make_encoder<Encoder>(encoder_config<typename Encoder::Config>(model.config),
                               model.weights, precision, model.encoder_prefix);
}

/// A head alone. @param prefix  the scope of the encoder's tensors
template <ClassificationHead Head>
Head make_head(const typename Head::Config& config, const WeightSource& weights,
               Precision precision, std::string_view prefix = {}) {
  ParameterList list;
  const auto parameters = Head::declare({list.root(), list.root(prefix)}, config);
  return {config, parameters, Weights(list, weights), precision};
}

/// The scores that a head of this backend gives. [batch, labels]
template <KernelBackend Backend>
Tensor scores_of(const LabelHead auto& head, const EncoderOutput& encoded,
                 const ExecutionContext& context) {
  const Workspace::Scope scope(context.workspace);
  const auto scores =
      label_scores<Backend>(head.activation(), head.logits(encoded, context), context);
  Tensor copy({scores.rows, scores.columns});
  for (std::size_t i = 0; i < scores.rows; ++i) {
    std::ranges::copy(scores.row(i), copy.matrix().row(i).begin());
  }
  return copy;
}

}  // namespace polytag::test
