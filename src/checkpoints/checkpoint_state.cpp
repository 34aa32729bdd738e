#include "checkpoints/checkpoint_state.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::string_view kPathField = "model_checkpoint_path";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
/// Whether a character may stand in a name or a number.
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '+' || c == '-';
}

/// The value of a hexadecimal digit, or 16.
unsigned hexadecimal(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

/// The part of the protocol buffers' text format that a flat message needs
/// (https://protobuf.dev/reference/protobuf/textformat-spec).
class StateReader {
 public:
  StateReader(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  /// The value of the field model_checkpoint_path.
  std::string read_path() {
    std::optional<std::string> path;
    for (skip_space(); !text_.empty(); skip_separators()) {
      const std::string_view field = take_word("the name of a field");
      skip_space();
      if (!text_.starts_with(':')) throw mismatch("':' behind " + std::string(field));
      text_.remove_prefix(1);
      skip_space();
      if (field != kPathField) {
        skip_value();
      } else if (path) {
        throw FormatError::mismatch(file_, kPathField, "one", "several");
      } else {
        path = take_string();
      }
    }
    if (!path) throw FormatError::mismatch(file_, kPathField, "a checkpoint's name", "nothing");
    return *path;
  }

 private:
  void skip_space() {
    while (!text_.empty()) {
      if (text_.front() == '#') {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      } else if (std::string_view(" \t\r\n\v\f").find(text_.front()) != std::string_view::npos) {
        text_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  void skip_separators() {
    skip_space();
    if (text_.starts_with(',') || text_.starts_with(';')) text_.remove_prefix(1);
    skip_space();
  }

  bool at_string() const { return text_.starts_with('"') || text_.starts_with('\''); }

  void skip_value() {
    if (at_string()) {
      take_string();
    } else {
      take_word("a string or a number");
    }
  }

  std::string_view take_word(std::string_view what) {
    std::size_t size = 0;
    while (size < text_.size() && is_word(text_[size])) ++size;
    if (size == 0) throw mismatch(what);
    const std::string_view word = text_.substr(0, size);
    text_.remove_prefix(size);
    return word;
  }

  std::string take_string() {
    if (!at_string()) throw mismatch("a string in quotes");
    const char quote = take();
    std::string value;
    for (char c = take(); c != quote; c = take()) {
      value.push_back(c == '\\' ? take_escape() : c);
    }
    return value;
  }

  char take_escape() {
    const char c = take();
    if (is_octal(c)) {
      unsigned value = static_cast<unsigned>(c - '0');
      for (int digits = 1; digits < 3 && !text_.empty() && is_octal(text_.front()); ++digits) {
        value = value * 8 + static_cast<unsigned>(take() - '0');
      }
      return static_cast<char>(value);
    }
    if (c == 'x' && !text_.empty() && hexadecimal(text_.front()) < 16) {
      unsigned value = hexadecimal(take());
      if (!text_.empty() && hexadecimal(text_.front()) < 16) {
        value = value * 16 + hexadecimal(take());
      }
      return static_cast<char>(value);
    }
    constexpr std::string_view kNames = "nrt\"'\\?", kValues = "\n\r\t\"'\\?";
    const std::size_t known = kNames.find(c);
    if (known == std::string_view::npos) throw mismatch("an escape sequence of C behind '\\'");
    return kValues[known];
  }

  char take() {
    if (text_.empty()) throw mismatch("the end of a string");
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }

  FormatError mismatch(std::string_view expected) const {
    return FormatError::mismatch(
        file_, "checkpoint state", expected,
        text_.empty() ? "the end of the file" : "\"" + std::string(text_.substr(0, 20)) + "\"");
  }

  std::string_view text_;  // what is left of it
  std::string_view file_;
};

/// Whether a path is absolute on Linux or on Windows, wherever it was written.
bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') ||
         (path.size() > 2 && is_letter(path[0]) && path[1] == ':');
}

}  // namespace

std::string latest_checkpoint(std::string_view text, std::string_view file) {
  const std::string path = StateReader(text, file).read_path();
  const std::string name = is_absolute(path) ? path.substr(path.find_last_of("/\\") + 1) : path;
  bool inside = !name.empty() && name.find('\0') == std::string::npos;
  for (const std::filesystem::path& part : std::filesystem::path(name)) inside &= part != "..";
  if (!inside) {
    throw FormatError::mismatch(file, kPathField, "the name of a checkpoint in the same directory",
                                "\"" + path + "\"");
  }
  return name;
}

}  // namespace polytag
