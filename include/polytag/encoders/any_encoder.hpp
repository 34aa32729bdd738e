#pragma once

#include <variant>

#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/encoders/deberta_v2/encoder.hpp"
#include "polytag/encoders/encoder.hpp"
#include "polytag/encoders/encoder_parameters.hpp"
#include "polytag/encoders/modernbert/encoder.hpp"
#include "polytag/encoders/nomic_bert/encoder.hpp"

namespace polytag {

/// The encoder of the family that a configuration names at run time: heads are compiled once for
/// all families, and a batch pays one branch for it.
template <KernelBackend B>
class AnyEncoder {
 public:
  using Backend = B;
  using Config = EncoderConfig;
  using Parameters = EncoderParameters;

  static EncoderFacts facts(const Config& config) { return facts_of(config); }

  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return declare_encoder(scope, config);
  }

  AnyEncoder(const Config& config, const Parameters& parameters, const Weights& weights,
             Precision precision)
      : encoder_(std::visit(
            [&](const auto& family) -> Families {
              using Encoder = decltype(encoder_of(family));
              const auto& own = std::get<typename Encoder::Parameters>(parameters);
              return Encoder(family, own, weights, precision);
            },
            config)) {}

  /// @return borrows context.workspace: valid until the enclosing Workspace::Scope ends
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's
  EncoderOutput forward(const EncodedBatch& batch, HiddenRows rows,
                        const ExecutionContext& context) const {
    return std::visit([&](const auto& family) { return family.forward(batch, rows, context); },
                      encoder_);
  }

 private:
  using Families = std::variant<BertEncoder<Backend>, DebertaV2Encoder<Backend>,
                                ModernBertEncoder<Backend>, NomicBertEncoder<Backend>>;
  static BertEncoder<Backend> encoder_of(const BertConfig&);
  static DebertaV2Encoder<Backend> encoder_of(const DebertaV2Config&);
  static ModernBertEncoder<Backend> encoder_of(const ModernBertConfig&);
  static NomicBertEncoder<Backend> encoder_of(const NomicBertConfig&);

  Families encoder_;
};

}  // namespace polytag
