#include "data/json_object.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/utf8.hpp"

namespace polytag {

namespace {

using Kind = FieldValue::Kind;

/// Upper bound of the items of a list: a longer one is no list of labels.
constexpr std::size_t kMostItems = std::size_t{1} << 20;

/// A syntax error: its place, and what should be there.
struct JsonFault {
  std::size_t at;
  std::string_view expected;
};

/// Reads JSON from the front to the back. All functions throw JsonFault.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view json) : json_(json) {}

  char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  bool at_end() const { return at_ == json_.size(); }
  std::size_t at() const { return at_; }

  void skip_space() {
    while (at_ < json_.size() && std::string_view(" \t\r\n").find(json_[at_]) != std::string::npos)
      ++at_;
  }
  /// Passes over white space and a character if it is the next one.
  bool accept(char c) {
    skip_space();
    if (at_end() || json_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, std::string_view expected) {
    if (!accept(c)) fail(expected);
  }
  [[noreturn]] void fail(std::string_view expected) const { throw JsonFault{at_, expected}; }

  /// A key and its colon. @param key  gets the name, unless it is null
  void read_key(std::string* key) {
    skip_space();
    if (peek() != '"') fail("a name in quotes");
    read_string(key);
    expect(':', "a colon");
  }

  /// Any value but a list or an object. @param value  gets it, unless it is null
  void read_scalar(FieldValue* value) {
    skip_space();
    const char c = peek();
    if (c == '"') {
      if (value != nullptr) value->kind = Kind::kText;
      read_string(value == nullptr ? nullptr : &value->text);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      read_number(value);
    } else if (!read_word("null", Kind::kNull, value) && !read_word("NaN", Kind::kNaN, value) &&
               !read_word("true", Kind::kBoolean, value) &&
               !read_word("false", Kind::kBoolean, value) &&
               !read_word("Infinity", Kind::kNumber, value)) {
      fail("a value");
    }
  }

  /// Any value, however deep, with a bit of memory for each level.
  void skip_value() {
    std::string open;  // the brackets around this place
    while (true) {
      skip_space();
      const char c = peek();
      if (c == '{' || c == '[') {
        ++at_;
        open.push_back(c == '{' ? '}' : ']');
        skip_space();
        if (peek() != open.back()) {
          if (c == '{') read_key(nullptr);
          continue;
        }
      } else {
        read_scalar(nullptr);
      }
      while (true) {  // behind a value
        if (open.empty()) return;
        if (!accept(open.back())) break;
        open.pop_back();
      }
      expect(',',
             open.back() == '}' ? "a comma or a closing brace" : "a comma or a closing bracket");
      if (open.back() == '}') read_key(nullptr);
    }
  }

 private:
  bool read_word(std::string_view word, Kind kind, FieldValue* value) {
    if (!json_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    if (value != nullptr) {
      value->kind = kind;
      value->text.assign(word);
    }
    return true;
  }

  void read_digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ == begin) fail("a digit");
  }

  void read_number(FieldValue* value) {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (peek() == 'I') {
      if (!read_word("Infinity", Kind::kNumber, nullptr)) fail("a digit");
    } else {
      if (peek() == '0') {
        ++at_;
      } else {
        read_digits();
      }
      if (peek() == '.') ++at_, read_digits();
      if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-') ++at_;
        read_digits();
      }
    }
    if (value == nullptr) return;
    value->kind = Kind::kNumber;
    value->text.assign(json_.substr(begin, at_ - begin));
  }

  /// A string with its quotes, at the first of which we are.
  void read_string(std::string* out) {
    if (out != nullptr) out->clear();
    ++at_;
    while (true) {
      const std::size_t begin = at_;
      while (at_ < json_.size() && json_[at_] != '"' && json_[at_] != '\\' &&
             static_cast<unsigned char>(json_[at_]) >= 0x20) {
        ++at_;
      }
      if (out != nullptr) out->append(json_.substr(begin, at_ - begin));
      if (at_end()) fail("a closing quote");
      const char c = json_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c != '\\') fail("an escape of a control character");
      ++at_;
      read_escape(out);
    }
  }

  /// Parses the escape behind a backslash.
  void read_escape(std::string* out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t place = at_end() ? std::string_view::npos : kNames.find(json_[at_]);
    if (place != std::string_view::npos) {
      ++at_;
      if (out != nullptr) out->push_back(kMeanings[place]);
      return;
    }
    if (peek() != 'u') fail("an escape of JSON");
    ++at_;
    char32_t character = read_code_unit();
    if (character >= 0xDC00 && character < 0xE000) fail("a first half of a surrogate pair");
    if (character >= 0xD800 && character < 0xDC00) {
      const bool follows = json_.substr(at_).starts_with("\\u");
      at_ += follows ? 2 : 0;
      const char32_t low = follows ? read_code_unit() : 0;
      if (low < 0xDC00 || low >= 0xE000) fail("a second half of a surrogate pair");
      character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    }
    if (out != nullptr) append_utf8(*out, character);
  }

  char32_t read_code_unit() {
    char32_t unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) fail("four hexadecimal digits");
      unit = unit << 4 | static_cast<char32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    return unit;
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

/// A value of a selected field. Lists keep their items; what is in those is passed over.
void read_value(JsonScanner& json, FieldValue& value) {
  value.text.clear();
  value.items.clear();
  json.skip_space();
  if (json.peek() == '{') {
    value.kind = Kind::kObject;
    return json.skip_value();
  }
  if (json.peek() != '[') return json.read_scalar(&value);
  value.kind = Kind::kList;
  json.accept('[');
  if (json.accept(']')) return;
  do {
    json.skip_space();
    FieldValue passed_over;
    FieldValue& item = value.items.size() < kMostItems ? value.items.emplace_back() : passed_over;
    if (json.peek() == '{' || json.peek() == '[') {
      item.kind = json.peek() == '{' ? Kind::kObject : Kind::kList;
      json.skip_value();
    } else {
      json.read_scalar(&item);
    }
  } while (json.accept(','));
  json.expect(']', "a comma or a closing bracket");
  if (value.items.size() == kMostItems) value = {Kind::kObject, "", {}};
}

/// Reads one object into a record.
class ObjectReader {
 public:
  ObjectReader(std::string_view text, std::string_view file, std::span<const FieldRequest> fields,
               Record& record)
      : json_(text), file_(file), fields_(fields), record_(record) {}

  /// Sets the record's error for an object that lacks something.
  void read() {
    begin_record();
    if (!json_.accept('{')) return read_no_object();
    std::string name;
    if (!json_.accept('}')) {
      do {
        json_.read_key(&name);
        read_field(name);
      } while (json_.accept(','));
      json_.expect('}', "a comma or a closing brace");
    }
    expect_end();
    if (!record_.error) report_missing();
  }

 private:
  void begin_record() {
    record_.names.clear();
    record_.values.resize(fields_.size());
    found_.assign(fields_.size(), false);
  }

  void read_no_object() {
    const char c = json_.peek();
    FieldValue value;
    read_value(json_, value);
    expect_end();
    complain("a JSON object", name_of(c == '[' ? Kind::kList : value.kind));
  }

  void expect_end() {
    json_.skip_space();
    if (!json_.at_end()) json_.fail("nothing more");
  }

  void read_field(const std::string& name) {
    if (fields_.empty()) {
      record_.names.push_back(name);
      return read_value(json_, record_.values.emplace_back());
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (name != fields_[i].name.value_or("text")) continue;
      if (found_[i]) complain("one field \"" + name + '"', "a second one");
      found_[i] = true;
      return read_value(json_, record_.values[i]);
    }
    json_.skip_value();
    // Only for a message: those that do not fit are not named.
    if (others_.size() < 200) others_ += (others_.empty() ? "\"" : ", \"") + name + '"';
  }

  void report_missing() {
    const auto missing = std::find(found_.begin(), found_.end(), false);
    if (missing == found_.end()) return;
    const FieldRequest& field = fields_[static_cast<std::size_t>(missing - found_.begin())];
    complain("a field \"" + field.name.value_or("text") + "\" (" + std::string(field.option) + ")",
             others_.empty() ? "no other field" : others_);
  }

  void complain(std::string_view expected, std::string_view found) {
    if (!record_.error) record_.error = row_error(file_, record_.line, expected, found);
  }

  JsonScanner json_;
  std::string_view file_;
  std::span<const FieldRequest> fields_;
  Record& record_;
  std::vector<bool> found_;  // [fields]
  std::string others_;       // names of fields that were not selected
};

std::string place_of(const JsonFault& fault, std::string_view json) {
  const std::string_view before = json.substr(0, fault.at);
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? fault.at : fault.at - newline - 1;
  std::string words = "column " + std::to_string(column + 1) + ": ";
  if (fault.at == json.size()) {
    words += "the end of the line";
  } else {
    const auto character = decode_utf8(json.data() + fault.at, json.data() + json.size());
    words.append("'").append(json.substr(fault.at, character.length)).append("'");
  }
  return words.append(" in place of ").append(fault.expected);
}

}  // namespace

void parse_json_object(std::string_view json, std::string_view file,
                       std::span<const FieldRequest> fields, Record& record) {
  record.error.reset();
  try {
    ObjectReader(json, file, fields, record).read();
  } catch (const JsonFault& fault) {
    const std::string_view before = json.substr(0, fault.at);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    record.error = row_error(file, record.line + lines, "a JSON object", place_of(fault, json));
  }
}

}  // namespace polytag
