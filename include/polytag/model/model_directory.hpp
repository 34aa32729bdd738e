#pragma once

#include <filesystem>
#include <string>

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
  WeightSource weights;        ///< under Hugging Face's current names
  std::string encoder_prefix;  ///< the scope of the encoder's tensors, as in "bert"; may be empty
};

/// Opens and checks a model directory; the weights stay on disk until layers read them.
/// @param problem_type  goes before that of config.json; empty: the file decides
/// @throws IoError, FormatError, ConfigError naming the file and what is wrong in it; ArgumentError
///         for a problem type that is unknown
POLYTAG_EXPORT ModelDirectory open_model_directory(const std::filesystem::path& path,
                                                   const std::string& problem_type = {});

/// The scope of the encoder's tensors: the architecture's own, as classification models are saved,
/// or empty if the encoder's first tensor is there without it, as bare encoders are saved.
POLYTAG_EXPORT std::string find_encoder_prefix(const ModelConfig& config,
                                               const WeightSource& weights);

}  // namespace polytag
