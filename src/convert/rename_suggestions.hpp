#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Sizes of a model whose head was not found.
struct HeadSizes {
  std::size_t hidden;
  std::size_t labels;  ///< by config.json
};

/// Names the tensors without a place whose shapes are those of a classifier, and the rename
/// that would make them one; empty if none does.
/// @param tensors  under the names of the checkpoint
std::string suggest_renames(std::span<const StoredTensor> tensors, const HeadSizes& sizes);

}  // namespace polytag
