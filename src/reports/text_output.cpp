#include "reports/text_output.hpp"

#include <array>
#include <cmath>
#include <cstdint>

namespace polytag {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";

struct CodePoint {
  char32_t value;
  std::size_t bytes;
  bool valid;
};

/// Reads the code point that a non-empty text begins with (Unicode 15, table 3-7).
CodePoint first_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const CodePoint invalid{kReplacement, 1, false};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return invalid;
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return invalid;
    value = value << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[bytes] || value > 0x10FFFF || surrogate) return invalid;
  return {value, bytes, true};
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
    const CodePoint point = first_code_point(text.substr(i));
    if (!point.valid) {
      out.append(text.substr(begin, i - begin)).append(kReplacementUtf8);
      begin = i + 1;
    }
    i += point.bytes;
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
    const CodePoint point = first_code_point(text);
    width += width_of(point.value);
    text.remove_prefix(point.bytes);
  }
  return width;
}

void append_cell(std::string& out, std::string_view text, std::size_t width) {
  const std::size_t start = out.size();
  std::size_t used = 0;
  std::size_t last_fit = start;  // up to here there is room for an ellipsis, too
  std::size_t last_fit_used = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::size_t columns = width_of(point.value);
    if (used + columns > width) {  // too long: cut where the ellipsis fits
      out.resize(last_fit);
      if (width > 0) out += "…";
      used = last_fit_used + 1;
      break;
    }
    if (is_control(point.value)) {
      out.push_back(' ');
    } else {
      out.append(point.valid ? text.substr(0, point.bytes) : kReplacementUtf8);
    }
    used += columns;
    text.remove_prefix(point.bytes);
    if (used + 1 <= width) {
      last_fit = out.size();
      last_fit_used = used;
    }
  }
  out.append(used < width ? width - used : 0, ' ');
}

}  // namespace polytag
