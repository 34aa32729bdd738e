#pragma once

#include "files/json_fields.hpp"
#include "polytag/encoders/encoder_config.hpp"

namespace polytag {

// The keys of config.json that describe the encoders of the BERT family.
// @throws ConfigError naming a key that is missing, out of its range, or asks for other arithmetic

EncoderConfig read_bert(const ConfigReader& config);
EncoderConfig read_albert(const ConfigReader& config);
EncoderConfig read_distilbert(const ConfigReader& config);
EncoderConfig read_electra(const ConfigReader& config);
/// RoBERTa, XLM-RoBERTa and CamemBERT: their keys do not differ.
EncoderConfig read_roberta(const ConfigReader& config);
EncoderConfig read_mpnet(const ConfigReader& config);
EncoderConfig read_deberta_v2(const ConfigReader& config);

}  // namespace polytag
