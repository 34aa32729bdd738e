#pragma once

#include <cstddef>
#include <vector>

#include "text/characters.hpp"

namespace polytag::text {

/// A character of the text that is being made: 0 stands for one character of the old text, 1 for
/// none (it was inserted), -n for one and the n behind it.
struct CharacterChange {
  char32_t code_point;
  std::ptrdiff_t change;
};

/// Gives the new characters the places of the old ones. What is inserted has that of the character
/// before it.
void apply_changes(const std::vector<CharacterChange>& changes, Characters& characters);

}  // namespace polytag::text
