#pragma once

#include <filesystem>

#include "polytag/export.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/text/tokenizer.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// A model on disk: config.json, the tokenizer's files, and model.safetensors (or its shards).
struct ModelDirectory {
  std::filesystem::path path;
  ModelConfig config;
  Tokenizer tokenizer;
  WeightSource weights;
};

/// Opens and checks a model directory; the weights stay on disk until layers read them.
/// @throws IoError, FormatError, ConfigError naming the file and what is wrong in it
POLYTAG_EXPORT ModelDirectory open_model_directory(const std::filesystem::path& path);

}  // namespace polytag
