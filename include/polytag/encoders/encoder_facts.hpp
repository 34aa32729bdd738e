#pragma once

#include <cstddef>

namespace polytag {

/// The shape of an encoder, as far as the rest of a model depends on it.
struct EncoderFacts {
  std::size_t hidden_size;      ///< width of the hidden states
  std::size_t vocabulary_size;  ///< token ids are below
  std::size_t maximum_tokens;   ///< of one sequence, special tokens included
  std::size_t token_types;      ///< token types are below; 0: the model knows none
};

}  // namespace polytag
