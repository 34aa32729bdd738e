#include "polytag/encoders/encoder_parameters.hpp"

namespace polytag {

namespace {

BertParameters declare(const ParameterList::Scope& scope, const BertConfig& config) {
  return declare_bert(scope, config);
}

}  // namespace

EncoderParameters declare_encoder(const ParameterList::Scope& scope, const EncoderConfig& config) {
  return std::visit([&](const auto& family) -> EncoderParameters { return declare(scope, family); },
                    config);
}

}  // namespace polytag
