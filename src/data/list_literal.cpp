#include "data/list_literal.hpp"

#include <algorithm>
#include <string>

#include "core/utf8.hpp"

namespace polytag {

namespace {

using Kind = FieldValue::Kind;

class ListParser {
 public:
  explicit ListParser(std::string_view text) : text_(text) {}

  std::optional<std::vector<FieldValue>> parse() {
    const char close = closing(peek());
    if (close == '\0') return std::nullopt;
    ++at_;
    std::vector<FieldValue> items;
    while (true) {
      skip_space();
      if (peek() == close) break;
      if (!read_item(items.emplace_back())) return std::nullopt;
      const bool spaced = skip_space();
      if (peek() == ',') {
        ++at_;
      } else if (peek() != close && !spaced) {
        return std::nullopt;
      }
    }
    ++at_;
    if (at_ != text_.size()) return std::nullopt;
    return items;
  }

 private:
  static char closing(char open) {
    return open == '[' ? ']' : open == '(' ? ')' : open == '{' ? '}' : '\0';
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool skip_space() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
    return at_ > begin;
  }

  bool read_item(FieldValue& item) {
    if (peek() == '\'' || peek() == '"') return read_string(item);
    const std::size_t end = std::min(text_.find_first_of(", \t\r\n)]}", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    item.text = word;
    if (word == "None" || word == "null") {
      item.kind = Kind::kNull;
    } else if (word == "nan" || word == "NaN") {
      item.kind = Kind::kNaN;
    } else if (word == "True" || word == "true" || word == "False" || word == "false") {
      item.kind = Kind::kBoolean;
      item.text = word == "True" || word == "true" ? "true" : "false";
    } else {
      // NumPy writes 1.0 as "1.".
      if (item.text.ends_with('.')) item.text.pop_back();
      item.kind = Kind::kNumber;
      return !item.text.empty() &&
             item.text.find_first_not_of("0123456789.-+eE") == std::string::npos;
    }
    return true;
  }

  bool read_string(FieldValue& item) {
    item.kind = Kind::kText;
    const char quote = text_[at_++];
    while (peek() != quote) {
      if (at_ == text_.size()) return false;
      if (peek() != '\\') {
        item.text += text_[at_++];
      } else if (++at_, !read_escape(item.text)) {
        return false;
      }
    }
    ++at_;
    return true;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view kNames = "\\'\"nrtbf/";
    constexpr std::string_view kMeanings = "\\'\"\n\r\t\b\f/";
    const char c = peek();
    if (c == '\0') return false;
    ++at_;
    const std::size_t place = kNames.find(c);
    if (place != std::string_view::npos) {
      out += kMeanings[place];
      return true;
    }
    return (c == 'x' && read_code(2, out)) || (c == 'u' && read_code(4, out)) ||
           (c == 'U' && read_code(8, out));
  }

  bool read_code(std::size_t digits, std::string& out) {
    char32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      const bool is_digit = c >= '0' && c <= '9';
      if (!is_digit && (lower < 'a' || lower > 'f')) return false;
      code = code << 4 | static_cast<char32_t>(is_digit ? c - '0' : lower - 'a' + 10);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    append_utf8(out, code);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<FieldValue>> parse_list_literal(std::string_view text) {
  return ListParser(text).parse();
}

}  // namespace polytag
