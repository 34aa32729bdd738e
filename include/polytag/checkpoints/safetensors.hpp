#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <stop_token>
#include <string>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The tensors of a safetensors file, in the order of their bytes. Where `file` is an index
/// ("model.safetensors.index.json"), the tensors of all shards follow each other. Headers are read
/// at once, tensors when they are asked for.
/// @param file  a file, an index, or a directory that holds model.safetensors or, failing that,
///              model.safetensors.index.json
/// @throws IoError     if a file cannot be opened
/// @throws FormatError if a file is not what the format demands, a tensor has an element type that
///                     polytag does not know, or index and shards disagree
/// @see https://github.com/huggingface/safetensors
POLYTAG_EXPORT WeightSource open_safetensors(const std::filesystem::path& file);

/// A tensor for write_safetensors(): its elements, row-major and little-endian.
struct TensorToWrite {
  std::string name;
  ElementType type;
  Shape shape;
  StoredBytes bytes;
};

/// Writes the tensors in the order given, whole or not at all: to a temporary name in the same
/// directory, brought to the disk, then renamed.
/// @param metadata  texts that the format keeps beside the tensors, as in {"format", "pt"}
/// @throws ArgumentError if a name occurs twice or is reserved, a text is not UTF-8, or the bytes
///                       of a tensor are not those of its shape
/// @throws IoError       if the file cannot be written, as on a full disk, or bytes cannot be read
/// @throws CancelledError once a stop was requested, which is looked at between tensors
POLYTAG_EXPORT void write_safetensors(const std::filesystem::path& file,
                                      std::span<const TensorToWrite> tensors,
                                      const std::map<std::string, std::string>& metadata,
                                      const std::stop_token& stop = {});

}  // namespace polytag
