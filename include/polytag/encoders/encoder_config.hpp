#pragma once

#include <variant>

#include "polytag/encoders/bert/config.hpp"
#include "polytag/encoders/encoder_facts.hpp"

namespace polytag {

/// The configuration of any encoder family that polytag has.
using EncoderConfig = std::variant<BertConfig>;

inline EncoderFacts facts_of(const EncoderConfig& encoder) {
  return std::visit([](const auto& config) { return config.facts(); }, encoder);
}

}  // namespace polytag
