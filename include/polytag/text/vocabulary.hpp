#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/text/normalizer.hpp"

namespace polytag {

/// The tokens of a model by id, ids running from 0 without gaps. Immutable and thread-safe.
class POLYTAG_EXPORT Vocabulary {
 public:
  /// @param source  the file it comes from, for messages
  /// @throws FormatError for a token that is there twice, is not UTF-8, or for too many of them
  Vocabulary(std::vector<std::string> tokens, std::string_view source);

  std::size_t size() const noexcept { return tokens_.size(); }
  /// @throws EncodingError for an id outside of the vocabulary
  std::string_view token(std::int32_t id) const;
  std::optional<std::int32_t> find(std::string_view token) const;
  const std::string& source() const noexcept { return source_; }

 private:
  std::vector<std::string> tokens_;
  std::vector<std::int32_t> sorted_;  // ids in the order of their tokens' bytes
  std::string source_;
};

/// Reads a vocab.txt, one token a line, the line's number being the id.
///
/// kHuggingFace takes lines as they are and refuses duplicates. kTensorFlow strips white space
/// around a token and, as the projects of that family do, gives a repeated one no id of its own.
/// @throws IoError, FormatError
POLYTAG_EXPORT Vocabulary read_vocabulary(const std::string& path,
                                          BasicTokenizer rules = BasicTokenizer::kHuggingFace);

}  // namespace polytag
