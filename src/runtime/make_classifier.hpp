#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "polytag/encoders/encoder_names.hpp"
#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/export.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "polytag/runtime/head_classifier.hpp"

namespace polytag {

/// Completes what a head's configuration takes from the rest of the model directory: names that
/// depend on the architecture, and the activation that the problem type asks for.
/// @throws ConfigError if the problem type is open
/// Exported for the components of the package.
POLYTAG_EXPORT HeadConfig complete_head(const ModelConfig& config, const WeightSource& weights,
                                        const std::string& problem_type);

/// The head that a configuration is of.
template <KernelBackend Backend>
struct HeadOf {
  static ClsDenseHead<Backend> of(const ClsDenseConfig&);
  static TextCnnHead<Backend> of(const TextCnnConfig&);
  static BinaryRelevanceHead<Backend> of(const BinaryRelevanceConfig&);
  static Seq2SeqHead<Backend> of(const Seq2SeqConfig&);
};

/// What the layers of the head are built from.
std::vector<ParameterSpec> head_parameters(const ModelConfig& config, const WeightSource& weights);

/// Builds the classifier that a model directory describes on one backend's kernels.
template <KernelBackend Backend>
std::unique_ptr<MultiLabelClassifier> make_classifier(ModelDirectory model,
                                                      const LoadOptions& options) {
  const HeadConfig head_config =
      complete_head(model.config, model.weights, resolve(options, model.config).problem_type);
  return std::visit(
      [&](const auto& config) -> std::unique_ptr<MultiLabelClassifier> {
        using Head = decltype(HeadOf<Backend>::of(config));
        return std::make_unique<HeadClassifier<TransformerEncoder<Backend>, Head>>(std::move(model),
                                                                                   config, options);
      },
      head_config);
}

}  // namespace polytag
