#include "data/text_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/utf8.hpp"

namespace polytag {

namespace {

struct ByteOrderMark {
  std::string_view bytes;
  TextEncoding encoding;
};

constexpr std::array kMarks{
    ByteOrderMark{"\xEF\xBB\xBF", TextEncoding::kUtf8},
    ByteOrderMark{"\xFF\xFE", TextEncoding::kUtf16Le},
    ByteOrderMark{"\xFE\xFF", TextEncoding::kUtf16Be},
};

/// Windows-1252 from 0x80 to 0x9F; 0 for bytes that stand for no character.
constexpr std::array<char16_t, 32> kWindows1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

/// The byte that stands for an invalid sequence in converted text. UTF-8 never has it.
constexpr char kNoCharacter = '\xFF';

bool is_utf16(TextEncoding encoding) {
  return encoding == TextEncoding::kUtf16 || encoding == TextEncoding::kUtf16Le ||
         encoding == TextEncoding::kUtf16Be;
}

/// Whether a file that is read as `asked` may begin with the mark of `marked`.
bool agrees(TextEncoding asked, TextEncoding marked) {
  if (asked == TextEncoding::kUtf8 || asked == marked) return true;
  return asked == TextEncoding::kUtf16 && is_utf16(marked);
}

/// The offset of the first bytes that are not UTF-8; none if all are.
std::optional<std::size_t> first_ill_formed(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::uint64_t word = 0;
    if (end - at >= 8) {
      std::memcpy(&word, at, 8);
      if ((word & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const auto character = decode_utf8(at, end);
    if (!character.valid) return static_cast<std::size_t>(at - text.data());
    at += character.length;
  }
  return std::nullopt;
}

std::string hexadecimal(char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', kDigits[value >> 4], kDigits[value & 15U]};
}

}  // namespace

std::string_view to_string(TextEncoding encoding) noexcept {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return "utf-8";
    case TextEncoding::kUtf16:
      return "utf-16";
    case TextEncoding::kUtf16Le:
      return "utf-16-le";
    case TextEncoding::kUtf16Be:
      return "utf-16-be";
    case TextEncoding::kLatin1:
      return "latin-1";
    case TextEncoding::kWindows1252:
      return "windows-1252";
  }
  return "";
}

TextStream::TextStream(std::string name, ByteStream& stream, TextEncoding encoding,
                       std::size_t block)
    : name_(std::move(name)), stream_(stream), encoding_(encoding), raw_(std::max(block, 8UL)) {}

std::size_t TextStream::read(std::span<char> block) {
  if (!begun_) begin();
  if (!pending_.empty()) return take_pending(block);
  if (encoding_ == TextEncoding::kUtf8) return read_raw(block);
  while (pending_.empty()) {
    if (!fill()) return 0;
  }
  return take_pending(block);
}

/// Reads until it is known whether there is a byte order mark: no further than one could reach.
void TextStream::begin() {
  std::string first;
  const auto may_be_a_mark = [&] {
    return std::ranges::any_of(kMarks, [&](const ByteOrderMark& mark) {
      return first.size() < mark.bytes.size() && mark.bytes.starts_with(first);
    });
  };
  while (may_be_a_mark()) {
    char byte = 0;
    if (read_raw(std::span(&byte, 1)) == 0) break;
    first += byte;
  }
  begun_ = true;
  for (const ByteOrderMark& mark : kMarks) {
    if (first != mark.bytes) continue;
    if (!agrees(encoding_, mark.encoding)) {
      throw FormatError::mismatch(name_, "",
                                  "text in " + std::string(to_string(encoding_)) + " (encoding)",
                                  "a byte order mark of " + std::string(to_string(mark.encoding)));
    }
    encoding_ = mark.encoding;
    mark_bytes_ = first.size();
    return;
  }
  // Python reads UTF-16 without a mark in the machine's order, which is little-endian here.
  if (encoding_ == TextEncoding::kUtf16) encoding_ = TextEncoding::kUtf16Le;
  if (encoding_ == TextEncoding::kUtf8) {
    pending_ = std::move(first);
  } else {
    convert(first);
  }
}

std::optional<char> TextStream::first_character() {
  constexpr std::size_t kMostWhiteSpace = std::size_t{64} << 10;
  if (!begun_) begin();
  std::size_t at = 0;
  while ((at = pending_.find_first_not_of(" \t\r\n", at)) == std::string::npos) {
    at = pending_.size();
    if (at > kMostWhiteSpace) return std::nullopt;
    if (encoding_ != TextEncoding::kUtf8) {
      if (!fill()) return std::nullopt;
      continue;
    }
    char byte = 0;
    if (read_raw(std::span(&byte, 1)) == 0) return std::nullopt;
    pending_ += byte;
  }
  return pending_[at];
}

std::size_t TextStream::read_raw(std::span<char> block) {
  const std::size_t count = stream_.read(block);
  bytes_read_ += count;
  return count;
}

std::size_t TextStream::take_pending(std::span<char> block) {
  const std::size_t count = std::min(block.size(), pending_.size());
  std::copy_n(pending_.data(), count, block.data());
  pending_.erase(0, count);
  return count;
}

/// Converts the next bytes of the stream. @return false at its end
bool TextStream::fill() {
  const std::size_t count = read_raw(raw_);
  convert({raw_.data(), count});
  if (count > 0) return true;
  const bool cut = half_unit_ || high_surrogate_;
  half_unit_.reset();
  high_surrogate_.reset();
  if (cut) pending_ += kNoCharacter;
  return cut;
}

void TextStream::convert(std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_utf16(encoding_)) {
      if (!half_unit_) {
        half_unit_ = byte;
        continue;
      }
      const bool little = encoding_ == TextEncoding::kUtf16Le;
      const unsigned low = little ? *half_unit_ : byte;
      const unsigned high = little ? byte : *half_unit_;
      half_unit_.reset();
      convert_utf16_unit(high << 8 | low);
    } else if (encoding_ == TextEncoding::kWindows1252 && byte >= 0x80 && byte < 0xA0) {
      const char16_t character = kWindows1252[byte - 0x80];
      character == 0 ? pending_.push_back(kNoCharacter) : append_utf8(pending_, character);
    } else {
      append_utf8(pending_, byte);
    }
  }
}

void TextStream::convert_utf16_unit(char32_t unit) {
  const bool is_high = unit >= 0xD800 && unit < 0xDC00;
  const bool is_low = unit >= 0xDC00 && unit < 0xE000;
  if (high_surrogate_ && is_low) {
    append_utf8(pending_, 0x10000 +
                              ((*std::exchange(high_surrogate_, std::nullopt) - 0xD800) << 10) +
                              (unit - 0xDC00));
    return;
  }
  if (std::exchange(high_surrogate_, std::nullopt)) pending_ += kNoCharacter;
  if (is_high) {
    high_surrogate_ = unit;
  } else if (is_low) {
    pending_ += kNoCharacter;
  } else {
    append_utf8(pending_, unit);
  }
}

std::size_t TextStream::source_bytes(std::string_view text) const noexcept {
  if (encoding_ == TextEncoding::kUtf8) return text.size();
  std::size_t characters = 0;
  std::size_t pairs = 0;  // characters that take two units of UTF-16
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    characters += (byte & 0xC0) != 0x80 ? 1 : 0;
    pairs += byte >= 0xF0 && c != kNoCharacter ? 1 : 0;
  }
  return is_utf16(encoding_) ? 2 * (characters + pairs) : characters;
}

std::optional<FormatError> TextStream::check(std::string_view text, std::size_t line,
                                             std::size_t offset) const {
  const std::optional<std::size_t> wrong = first_ill_formed(text);
  if (!wrong) return std::nullopt;
  line += static_cast<std::size_t>(std::count(text.begin(), text.begin() + *wrong, '\n'));
  const std::string at =
      " at byte " + std::to_string(offset + source_bytes(text.substr(0, *wrong))) + " of the file";
  std::string found = "what is no character" + at + " (encoding)";
  if (encoding_ == TextEncoding::kUtf8) {
    found =
        "byte " + hexadecimal(text[*wrong]) + at + "; is it latin-1 or windows-1252? (encoding)";
  }
  return FormatError::mismatch(name_, "line " + std::to_string(line),
                               "text in " + std::string(to_string(encoding_)), found);
}

void TextStream::check_beginning(std::string_view text) const {
  if (encoding_ != TextEncoding::kUtf8 || mark_bytes_ > 0 || text.size() < 2) return;
  const auto has_zeros = [&](std::size_t zero) {
    return text[1 - zero] != '\0' && text[zero] == '\0' &&
           (text.size() < 4 || (text[3 - zero] != '\0' && text[2 + zero] == '\0'));
  };
  if (!has_zeros(0) && !has_zeros(1)) return;
  throw FormatError::mismatch(name_, "line 1", "text in utf-8",
                              std::string("zero bytes as in ") +
                                  (has_zeros(1) ? "utf-16-le" : "utf-16-be") +
                                  " without a byte order mark (encoding)");
}

}  // namespace polytag
