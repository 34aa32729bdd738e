#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "polytag/text/subword_options.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag::text {

/// A token of a word, and the bytes of the word that it stands for.
struct SubwordPiece {
  std::int32_t id;
  std::size_t begin;
  std::size_t end;
  bool operator==(const SubwordPiece&) const = default;
};

/// From a word of any length to tokens. Immutable and thread-safe.
class SubwordModel {
 public:
  SubwordModel() = default;
  SubwordModel(const SubwordModel&) = delete;
  SubwordModel& operator=(const SubwordModel&) = delete;
  virtual ~SubwordModel() = default;

  /// Appends the pieces of a word, which is valid UTF-8 and not empty.
  /// @throws EncodingError for what no token stands for, where there is no unknown token either
  virtual void tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const = 0;
};

/// @param vocabulary  without added tokens
/// @throws ConfigError if the vocabulary lacks a token that is needed or a field is out of its
/// range
std::unique_ptr<const SubwordModel> make_subword_model(const SubwordSpec& spec,
                                                       const Vocabulary& vocabulary);

}  // namespace polytag::text
