#pragma once

#include <variant>

#include "polytag/encoders/bert/config.hpp"
#include "polytag/encoders/deberta_v2/config.hpp"
#include "polytag/encoders/encoder_facts.hpp"
#include "polytag/encoders/modernbert/config.hpp"
#include "polytag/encoders/nomic_bert/config.hpp"

namespace polytag {

/// The configuration of any encoder family that polytag has.
using EncoderConfig = std::variant<BertConfig, DebertaV2Config, ModernBertConfig, NomicBertConfig>;

inline EncoderFacts facts_of(const EncoderConfig& encoder) {
  return std::visit([](const auto& config) { return config.facts(); }, encoder);
}

}  // namespace polytag
