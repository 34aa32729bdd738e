#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "polytag/core/execution.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Input and output of quantize_model().
struct QuantizeOptions {
  std::filesystem::path source;            ///< a model directory
  std::filesystem::path output;            ///< the one to make; must not exist, or be empty
  Precision precision = Precision::kInt8;  ///< or kBfloat16
  /// Stops the work between tensors and before the directory gets its name; nothing is left.
  std::stop_token stop = {};
};

/// Counts and sizes of the weights before and after.
struct QuantizationReport {
  std::size_t quantized_tensors = 0;
  std::size_t kept_tensors = 0;    ///< in their types and bits
  std::uint64_t bytes_before = 0;  ///< of all weights
  std::uint64_t bytes_after = 0;   ///< scales included
  bool written = false;
};

/// Looks at a finished model directory before it gets its name. @return whether it shall be kept
using AcceptModel = std::function<bool(const std::filesystem::path& directory)>;

/// Makes a model directory whose weights take fewer bits: matrices of the encoder and the head,
/// word and position embeddings as int8 with a float32 scale a row (a quarter of float32), or as
/// bfloat16 (half). Everything else keeps its type and its bits, the layer that makes the scores
/// included.
///
/// A layer that is loaded from it in that precision multiplies the same numbers as one loaded from
/// the original in that precision; only the embeddings differ. Loaded in float32 it computes with
/// what the numbers stand for. docs/model_directory.md has the format.
///
/// The directory appears whole or not at all: not if anything is thrown, nor if `accept` says no.
/// @param accept  none: every model is kept. What it throws is passed on
/// @throws IoError       if a file cannot be read or written, or the output is there already
/// @throws FormatError   if a file is malformed, or a weight is no finite number
/// @throws ConfigError, ShapeError if the model directory is not one
/// @throws ArgumentError for another precision
/// @throws CancelledError once a stop was requested
POLYTAG_EXPORT QuantizationReport quantize_model(const QuantizeOptions& options,
                                                 const AcceptModel& accept = {});

}  // namespace polytag
