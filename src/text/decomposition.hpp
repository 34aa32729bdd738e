#pragma once

#include <cstdint>
#include <vector>

#include "polytag/text/bert_normalizer.hpp"

namespace polytag::text {

/// A character of a decomposition, in canonical order.
struct DecomposedCharacter {
  char32_t code_point;
  std::uint8_t combining_class;
  bool first;  // of what its original character decomposes to
};

enum class Decomposition { kCanonical, kCompatible };

/// The decompositions of all characters, marks in the order of their classes (Unicode 15.0,
/// section 3.11). Stable and linear: texts with a million marks on one letter exist.
std::vector<DecomposedCharacter> decompose(const std::vector<NormalizedCharacter>& characters,
                                           Decomposition decomposition, BasicTokenizer rules);

}  // namespace polytag::text
