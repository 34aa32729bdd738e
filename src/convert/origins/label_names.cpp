#include "convert/origins/label_names.hpp"

#include <string_view>

#include "core/utf8.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"
#include "text/unicode.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 26;

/// Python's str.strip(): white space, and the four separators among the control characters.
bool is_stripped(char32_t character) {
  return text::is_white_space(character) || (character >= 0x1C && character <= 0x1F);
}

std::string stripped(std::string_view line) {
  std::string name;
  std::size_t end = 0;  // of the name without the white space behind it
  for (std::size_t at = 0; at < line.size();) {
    const auto decoded = decode_utf8(line.data() + at, line.data() + line.size());
    const bool blank = is_stripped(decoded.code_point);
    if (decoded.valid && !(blank && name.empty())) {
      name.append(line.substr(at, decoded.length));
      if (!blank) end = name.size();
    }
    at += decoded.length;
  }
  name.resize(end);
  return name;
}

}  // namespace

std::vector<std::string> read_label_names(const std::filesystem::path& file) {
  const std::string bytes = read_text_file(file.string(), kMostBytes);
  std::vector<std::string> names;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    names.push_back(stripped(rest.substr(0, end)));
    if (names.back().empty()) {
      throw FormatError::mismatch(file.string(), "line " + std::to_string(names.size()),
                                  "the name of a label", "nothing");
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

}  // namespace polytag
