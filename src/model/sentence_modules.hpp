#pragma once

#include <filesystem>

#include "files/json.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Whether a directory is a model of sentence-transformers that ends in dense layers, which are its
/// classifier: `modules.json` lists a Transformer, a Pooling and Dense modules.
bool has_dense_modules(const std::filesystem::path& directory);

/// config.json of such a directory, with what its modules say as keys of `polytag`: `head`,
/// `dense_modules`, `maximum_tokens`; and `problem_type` and `id2label` where it has none.
/// @throws FormatError, ConfigError for modules that are arranged or computed otherwise
Json with_sentence_modules(Json config, const std::filesystem::path& directory);

/// The encoder's weights with those of the dense modules, named as in "2_Dense.linear.weight".
/// @throws IoError, FormatError
WeightSource with_dense_weights(WeightSource encoder, const std::filesystem::path& directory);

}  // namespace polytag
