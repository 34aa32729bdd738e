#pragma once

#include <optional>
#include <string_view>

#include "fuzz.hpp"
#include "polytag/text/tokenizer.hpp"
#include "scratch_directory.hpp"

namespace polytag::fuzz {

/// Loads a directory of slow files and checks what its tokenizer makes of a text.
inline void check_slow_tokenizer(const ScratchDirectory& directory) {
  constexpr std::string_view kText =
      "The caf\u00E9 costs 10 \u20AC, \u4E2D\u6587 <mask>! x1  [MASK] don't";
  succeeds([&] {
    const Tokenizer tokenizer = load_tokenizer(directory.path());
    const Encoding whole = tokenizer.encode(kText, std::nullopt, {.with_offsets = true});
    const Encoding ids = tokenizer.encode(kText);
    require(ids.ids == whole.ids, "offsets change no token");
    require(whole.token_type_ids.size() == whole.ids.size(), "each token has a type");
    for (const std::int32_t id : whole.ids) tokenizer.token(id);
    for (const TokenOffset& offset : whole.offsets) {
      require(offset.begin <= offset.end, "a token ends behind its begin");
      require(offset.end <= kText.size(), "a token lies in the text");
    }
  });
}

}  // namespace polytag::fuzz
