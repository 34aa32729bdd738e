#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/bert_normalizer.hpp"

namespace polytag {

/// The tokens of a model and their ids. Ids may have gaps, and a token that was added may have the
/// id of another one: vocabularies whose files repeat tokens have both. Immutable, thread-safe.
class POLYTAG_EXPORT Vocabulary {
 public:
  struct Entry {
    std::string token;
    std::int32_t id;
  };

  /// Ids are places in the list. Of equal tokens the last one counts, as in a dictionary.
  /// @param source  the file it comes from, for messages
  /// @throws FormatError for a token that is not UTF-8, and for too many of them
  Vocabulary(std::vector<std::string> tokens, std::string_view source);
  /// The same with ids. Of equal ids the last one names the token.
  /// @throws FormatError also for an id that is negative or far beyond the number of tokens
  Vocabulary(std::vector<Entry> entries, std::string_view source);

  /// One more than the largest id.
  std::size_t size() const noexcept { return entry_of_.size(); }
  /// The different tokens, in the order of their bytes.
  std::span<const Entry> entries() const noexcept { return entries_; }
  /// Empty where ids have a gap. @throws EncodingError for an id that is not less than size()
  std::string_view token(std::int32_t id) const;
  std::optional<std::int32_t> find(std::string_view token) const;
  const std::string& source() const noexcept { return source_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::int32_t> entry_of_;  // by id; negative in a gap
  std::string source_;
};

/// Reads a vocab.txt, one token a line, the line's number being the id.
///
/// kHuggingFace drops the white space at the end of a line. kTensorFlow strips both ends and, as
/// the projects of that family do, gives a repeated token no id of its own.
/// @throws IoError, FormatError
POLYTAG_EXPORT Vocabulary read_vocabulary(const std::string& path,
                                          BasicTokenizer rules = BasicTokenizer::kHuggingFace);

}  // namespace polytag
