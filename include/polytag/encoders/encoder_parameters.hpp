#pragma once

#include <variant>

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/encoders/deberta_v2/parameters.hpp"
#include "polytag/encoders/encoder_config.hpp"
#include "polytag/encoders/modernbert/parameters.hpp"
#include "polytag/encoders/nomic_bert/parameters.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// The parameters of any encoder family; the alternatives are in the order of EncoderConfig's.
using EncoderParameters =
    std::variant<BertParameters, DebertaV2Parameters, ModernBertParameters, NomicBertParameters>;

/// Declares the encoder that a configuration describes.
POLYTAG_EXPORT EncoderParameters declare_encoder(const ParameterList::Scope& scope,
                                                 const EncoderConfig& config);

}  // namespace polytag
