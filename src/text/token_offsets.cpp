#include "text/token_offsets.hpp"

#include <algorithm>
#include <cstddef>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

constexpr char32_t kByteLevelBlank = 0x0120;

std::uint32_t length_at(std::string_view text, std::size_t at) {
  return decode_utf8(text.data() + at, text.data() + text.size()).length;
}

std::size_t count_up_to(std::string_view text, std::size_t most) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size() && count < most; ++count) at += length_at(text, at);
  return count;
}

}  // namespace

void count_code_points(std::string_view text, std::span<TokenOffset> offsets) {
  struct Cursor {
    std::size_t byte = 0;
    std::size_t code_point = 0;
    std::size_t move_to(std::string_view in, std::size_t target) {
      for (; byte < target; ++code_point) byte += length_at(in, byte);
      return code_point;
    }
  };
  Cursor begins, ends;
  for (TokenOffset& offset : offsets) {
    offset.begin = begins.move_to(text, offset.begin);
    offset.end = ends.move_to(text, offset.end);
  }
}

OffsetTrimmer::OffsetTrimmer(OffsetTrimming options, const Vocabulary& vocabulary,
                             const std::vector<AddedToken>& added_tokens)
    : options_(options), ends_(vocabulary.size()), is_added_(vocabulary.size()) {
  for (const auto& [token, id] : vocabulary.entries()) {
    ends_[static_cast<std::size_t>(id)] = ends_of(token);
  }
  for (const AddedToken& token : added_tokens)
    is_added_[static_cast<std::size_t>(*token.id)] = true;
}

OffsetTrimmer::Ends OffsetTrimmer::ends_of(std::string_view token) {
  Ends ends;
  bool at_begin = true;
  for (std::size_t at = 0; at < token.size();) {
    const auto decoded = decode_utf8(token.data() + at, token.data() + token.size());
    at += decoded.length;
    const bool is_space =
        decoded.code_point == kByteLevelBlank || is_white_space(decoded.code_point);
    at_begin = at_begin && is_space;
    ends.leading += at_begin ? 1 : 0;
    ends.trailing = is_space ? ends.trailing + 1 : 0;
  }
  return ends;
}

OffsetTrimmer::Ends OffsetTrimmer::ends_of(std::int32_t id, std::string_view text,
                                           const TokenOffset& offset) const {
  const auto index = static_cast<std::size_t>(id);
  if (!is_added_[index]) return ends_[index];
  return ends_of(text.substr(offset.begin, offset.end - offset.begin));
}

void OffsetTrimmer::trim(std::string_view text, std::span<const std::int32_t> ids,
                         std::span<TokenOffset> offsets) const {
  for (std::size_t index = 0; index < ids.size(); ++index) {
    TokenOffset& offset = offsets[index];
    const Ends ends = ends_of(ids[index], text, offset);
    const bool begins_the_text = index == 0 || offset.begin == 0;
    if (!(begins_the_text && options_.add_prefix_space && ends.leading == 1)) {
      for (std::uint32_t n = 0; n < ends.leading && offset.begin < offset.end; ++n) {
        offset.begin += length_at(text, offset.begin);
      }
    }
    if (ends.trailing == 0 ||
        count_up_to(text.substr(0, offset.end), ends.trailing) < ends.trailing) {
      continue;
    }
    const std::string_view token = text.substr(offset.begin, offset.end - offset.begin);
    const std::size_t characters = count_up_to(token, token.size());
    std::size_t end = offset.begin;
    for (std::size_t n = ends.trailing; n < characters; ++n) end += length_at(text, end);
    offset.end = end;
  }
}

}  // namespace polytag::text
