#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"
#include "polytag/weights/parameter_list.hpp"

// Every change of a config.json that polytag makes. read_model_config() reads what is written here.

namespace polytag {

/// The words of compressed-tensors for int8 weights with one scale a row.
namespace quantization_words {
inline constexpr std::string_view kKey = "quantization_config";
inline constexpr std::string_view kMethod = "compressed-tensors";
inline constexpr std::string_view kFormat = "int-quantized";
}  // namespace quantization_words

/// Says that the weights are in fewer bits, in Hugging Face's words: `quantization_config` for
/// int8, `dtype` for bfloat16.
/// @param config      that of the model as it was
/// @param parameters  all that the model is built from
Json with_quantization(Json config, std::span<const ParameterSpec> parameters, Precision precision);

/// Names the labels, by index and back.
Json with_labels(Json config, const std::vector<std::string>& labels);

/// Thresholds as a model directory's config.json holds them.
struct StoredThresholds {
  float shared;                                       ///< `polytag.threshold`
  std::vector<std::pair<std::string, float>> labels;  ///< `polytag.thresholds`, by name
};

/// A config.json with other thresholds; every other key keeps its value and its place.
/// @param config  the text of the file
/// @param file    its name, for messages
/// @throws FormatError, ConfigError if it is not a JSON object, or `polytag` in it is none
std::string with_thresholds(std::string_view config, std::string_view file,
                            const StoredThresholds& thresholds);

/// Puts thresholds into `polytag`, a label's own where it differs from the shared one.
void store_decision(Json& config, const DecisionPolicy& decision, const LabelVocabulary& labels);

/// Writes the config.json of a new model directory. @throws IoError
void write_model_config(const std::filesystem::path& directory, const Json& config);

}  // namespace polytag
