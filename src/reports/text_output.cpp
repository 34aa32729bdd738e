#include "reports/text_output.hpp"

#include <array>
#include <cmath>
#include <cstdint>

#include "core/utf8.hpp"

namespace polytag {

namespace {

constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";

/// The first character of a text that is not empty.
DecodedCharacter first_character(std::string_view text) noexcept {
  return decode_utf8(text.data(), text.data() + text.size());
}

struct Range {
  char32_t first;
  char32_t last;
};

// The blocks of Unicode's EastAsianWidth.txt that are wide as a whole, and emoji.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x4DBF},
    Range{0x4E00, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
    Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array kZeroWidth{Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};

bool is_within(char32_t value, const auto& ranges) noexcept {
  for (const Range& range : ranges) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

std::size_t width_of(char32_t value) noexcept {
  if (value < 0x300) return 1;
  return is_within(value, kZeroWidth) ? 0 : is_within(value, kWide) ? 2 : 1;
}

bool is_control(char32_t value) noexcept {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\u00").append({kHex[byte >> 4], kHex[byte & 15U]});
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t begin = 0;  // of what can be copied as it is
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7F) {
        out.append(text.substr(begin, i - begin));
        append_escape(out, text[i]);
        begin = i + 1;
      }
      ++i;
      continue;
    }
    const auto character = first_character(text.substr(i));
    if (!character.valid) {
      out.append(text.substr(begin, i - begin)).append(kReplacementUtf8);
      begin = i + character.length;
    }
    i += character.length;
  }
  out.append(text.substr(begin));
  out.push_back('"');
}

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

template <std::floating_point Number>
void append_number(std::string& out, Number number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  const std::string_view shortest(digits,
                                  std::to_chars(digits, digits + sizeof digits, number).ptr);
  out.append(shortest);
  if (shortest.find_first_of(".e") == std::string_view::npos) out += ".0";
}

template void append_number(std::string&, float);
template void append_number(std::string&, double);

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto character = first_character(text);
    width += width_of(character.code_point);
    text.remove_prefix(character.length);
  }
  return width;
}

void append_cell(std::string& out, std::string_view text, std::size_t width) {
  const std::size_t start = out.size();
  std::size_t used = 0;
  std::size_t last_fit = start;  // up to here there is room for an ellipsis, too
  std::size_t last_fit_used = 0;
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t columns = width_of(character.code_point);
    if (used + columns > width) {  // too long: cut where the ellipsis fits
      out.resize(last_fit);
      if (width > 0) out += "…";
      used = last_fit_used + 1;
      break;
    }
    if (is_control(character.code_point)) {
      out.push_back(' ');
    } else {
      out.append(character.valid ? text.substr(0, character.length) : kReplacementUtf8);
    }
    used += columns;
    text.remove_prefix(character.length);
    if (used + 1 <= width) {
      last_fit = out.size();
      last_fit_used = used;
    }
  }
  out.append(used < width ? width - used : 0, ' ');
}

}  // namespace polytag
