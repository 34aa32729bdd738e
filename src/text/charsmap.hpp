#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/characters.hpp"

namespace polytag::text {

/// SentencePiece's table of replacements: a double array of keys, and the texts that they become.
/// Immutable and thread-safe.
class Charsmap {
 public:
  /// @param bytes  as a model holds them
  /// @param file   for messages
  /// @throws FormatError if a part reaches out of them
  Charsmap(std::string_view bytes, std::string_view file);

  /// What the shortest key that begins `text` becomes, none if no key does.
  std::optional<std::string_view> find(std::string_view text) const;

  /// Replaces in a text as the package `tokenizers` does: a grapheme cluster of fewer than 6 bytes
  /// as a whole, others character by character. What it deletes at the begin of a text moves the
  /// places of all that follows, there and here.
  void apply(Characters& characters) const;

 private:
  std::vector<std::uint32_t> units_;
  std::string replacements_;  // each ends with a zero
};

}  // namespace polytag::text
