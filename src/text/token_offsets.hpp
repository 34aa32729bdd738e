#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/text/tokenizer.hpp"

namespace polytag::text {

/// Turns offsets in bytes of a text into offsets in code points. Begins ascend, and so do ends.
void count_code_points(std::string_view text, std::span<TokenOffset> offsets);

/// Takes the white space at the ends of tokens out of their offsets, as ByteLevel and
/// RobertaProcessing do: the tokens' own characters decide, Ġ among them.
class OffsetTrimmer {
 public:
  /// @param vocabulary    with added tokens
  /// @param added_tokens  with their ids: they hold what stands in the text
  OffsetTrimmer(OffsetTrimming options, const Vocabulary& vocabulary,
                const std::vector<AddedToken>& added_tokens);

  /// @param ids      of the tokens of a text that stay
  /// @param offsets  theirs, in bytes
  void trim(std::string_view text, std::span<const std::int32_t> ids,
            std::span<TokenOffset> offsets) const;

 private:
  struct Ends {  // how many characters are white space
    std::uint32_t leading = 0;
    std::uint32_t trailing = 0;
  };
  static Ends ends_of(std::string_view token);
  Ends ends_of(std::int32_t id, std::string_view text, const TokenOffset& offset) const;

  OffsetTrimming options_;
  std::vector<Ends> ends_;      // [vocabulary]
  std::vector<bool> is_added_;  // [vocabulary]
};

}  // namespace polytag::text
