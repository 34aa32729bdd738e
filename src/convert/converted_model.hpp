#pragma once

#include <vector>

#include "convert/conversion_source.hpp"
#include "convert/origins/origin.hpp"
#include "files/json.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/convert/convert.hpp"

namespace polytag {

/// Everything that a model directory is written from, checked.
struct ConvertedModel {
  Json config;
  TokenizerFiles tokenizer;
  std::vector<TensorToWrite> tensors;
  ConversionReport report;
};

/// Checks that an origin's tensors are those that its config.json describes, and leaves out what
/// training left behind.
/// @param weights  of the checkpoint, renames applied; the origin was read from them
/// @param unread   what the checkpoint has beside them
/// @throws ConfigError, ShapeError as convert_checkpoint() does
ConvertedModel make_model(Origin origin, const WeightSource& weights,
                          const std::vector<UnreadValue>& unread, const ConversionSource& files,
                          const ConvertOptions& options);

}  // namespace polytag
