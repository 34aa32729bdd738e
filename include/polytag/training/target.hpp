#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace polytag::training {

/// What a model should answer to a text. Borrows.
struct Target {
  std::span<const float> labels;          ///< [labels], from 0 to 1; soft labels lie between
  std::span<const std::size_t> sequence;  ///< for heads that emit ids one by one: those to emit
};

/// A text as training reads it. Borrows.
struct TrainingText {
  std::span<const std::int32_t> ids;    ///< [tokens]
  std::span<const std::int32_t> types;  ///< [tokens]
  std::size_t attended_length = 0;      ///< tokens that are not padding
  Target target;
};

}  // namespace polytag::training
