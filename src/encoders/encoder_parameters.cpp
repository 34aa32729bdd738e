#include "polytag/encoders/encoder_parameters.hpp"

namespace polytag {

namespace {

BertParameters declare(const ParameterList::Scope& scope, const BertConfig& config) {
  return declare_bert(scope, config);
}

DebertaV2Parameters declare(const ParameterList::Scope& scope, const DebertaV2Config& config) {
  return declare_deberta_v2(scope, config);
}

ModernBertParameters declare(const ParameterList::Scope& scope, const ModernBertConfig& config) {
  return declare_modernbert(scope, config);
}

NomicBertParameters declare(const ParameterList::Scope& scope, const NomicBertConfig& config) {
  return declare_nomic_bert(scope, config);
}

}  // namespace

EncoderParameters declare_encoder(const ParameterList::Scope& scope, const EncoderConfig& config) {
  return std::visit([&](const auto& family) -> EncoderParameters { return declare(scope, family); },
                    config);
}

}  // namespace polytag
