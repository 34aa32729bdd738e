#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "polytag/classifier.hpp"
#include "polytag/encoders/any_encoder.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/mean_dense.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "polytag/runtime/head_classifier.hpp"

namespace polytag {

/// The head that a configuration is of.
template <KernelBackend Backend>
struct HeadOf {
  static ClsDenseHead<Backend> of(const ClsDenseConfig&);
  static MeanClassifierHead<Backend> of(const MeanClassifierConfig&);
  static TextCnnHead<Backend> of(const TextCnnConfig&);
  static BinaryRelevanceHead<Backend> of(const BinaryRelevanceConfig&);
  static Seq2SeqHead<Backend> of(const Seq2SeqConfig&);
  static MeanDenseHead<Backend> of(const MeanDenseConfig&);
};

/// Builds the classifier that a model directory describes on one backend's kernels: one
/// instantiation for every encoder and one for every head, not for every pair.
template <KernelBackend Backend>
std::unique_ptr<MultiLabelClassifier> make_classifier(ModelDirectory model,
                                                      const LoadOptions& options) {
  return std::visit(
      [&](const auto& config) -> std::unique_ptr<MultiLabelClassifier> {
        using Head = decltype(HeadOf<Backend>::of(config));
        // A copy: the model that the configuration is part of is moved from.
        const auto head_config = config;
        return std::make_unique<HeadClassifier<AnyEncoder<Backend>, Head>>(std::move(model),
                                                                           head_config, options);
      },
      model.config.head);
}

}  // namespace polytag
