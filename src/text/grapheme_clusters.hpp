#pragma once

#include <cstddef>

#include "text/characters.hpp"

namespace polytag::text {

/// Characters that are read as one.
struct GraphemeCluster {
  std::size_t end;
  std::size_t bytes;  // in UTF-8
};

/// The extended grapheme cluster that begins at `begin` (Unicode 17.0), as far as clusters of fewer
/// than 6 bytes need it: Hangul syllables, flags, emoji sequences and Indic conjuncts have more.
GraphemeCluster cluster_at(const Characters& characters, std::size_t begin);

}  // namespace polytag::text
