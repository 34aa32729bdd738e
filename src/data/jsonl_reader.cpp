#include "data/jsonl_reader.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace polytag {

namespace {

using Json = nlohmann::json;

/// Follows the events of the parser and keeps the wanted strings, so that no document is built:
/// rows may hold a lot besides their text.
class FieldFinder {
 public:
  FieldFinder(const std::string& text_field, const std::optional<std::string>& pair_field,
              const std::optional<std::string>& labels_field, InputRow& row)
      : text_field_(text_field), pair_field_(pair_field), labels_field_(labels_field), row_(row) {}

  /// What was expected of a row, and what was found instead.
  struct Problem {
    std::string expected;
    std::string found;
  };

  /// To be asked when the row was parsed.
  std::optional<Problem> problem() const {
    if (problem_) return problem_;
    if (!found_text_) return missing(text_field_, "--text-field");
    if (pair_field_ && !found_pair_) return missing(*pair_field_, "--pair-field");
    if (labels_field_ && !found_labels_) return missing(*labels_field_, "--labels-field");
    return std::nullopt;
  }

  bool null() {
    if (!is_pair()) return other("null");
    accept_once(found_pair_, *pair_field_);  // no second text
    return true;
  }
  bool boolean(bool) { return other("a boolean"); }
  bool number_integer(std::int64_t) { return other("a number"); }
  bool number_unsigned(std::uint64_t) { return other("a number"); }
  bool number_float(double, const std::string&) { return other("a number"); }
  bool binary(Json::binary_t&) { return other("binary data"); }
  bool start_array(std::size_t) {
    if (depth_ != 1 || wanted_ != Wanted::kLabels) return enter("an array");
    accept_once(found_labels_, *labels_field_);
    in_labels_ = true;
    ++depth_;
    return true;
  }
  bool end_array() { return leave(); }
  bool start_object(std::size_t) { return depth_ == 0 ? (++depth_, true) : enter("an object"); }
  bool end_object() { return leave(); }

  bool string(std::string& value) {
    if (depth_ == 1 && wanted_ == Wanted::kText) {
      accept_once(found_text_, text_field_);
      row_.text.assign(value);
    } else if (is_pair()) {
      accept_once(found_pair_, *pair_field_);
      if (!value.empty()) row_.text_pair = value;
    } else if (depth_ == 2 && in_labels_) {
      row_.labels.push_back(value);
    } else {
      return other("a string");
    }
    return true;
  }

  bool key(std::string& name) {
    if (depth_ != 1) return true;
    if (name == text_field_) {
      wanted_ = Wanted::kText;
    } else if (pair_field_ && name == *pair_field_) {
      wanted_ = Wanted::kPair;
    } else if (labels_field_ && name == *labels_field_) {
      wanted_ = Wanted::kLabels;
    } else {
      wanted_ = Wanted::kNothing;
      // Only for a message: those that do not fit are not named.
      if (known_fields_.size() < 200)
        known_fields_ += (known_fields_.empty() ? "\"" : ", \"") + name + '"';
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error …": a row is
    // one line, so the column is all that says something.
    std::string words = error.what();
    const std::size_t column = words.find("column ");
    words.erase(0, column == std::string::npos ? words.find(']') + 2 : column);
    problem_ = Problem{"a JSON object", words};
    return false;
  }

 private:
  enum class Wanted { kNothing, kText, kPair, kLabels };

  bool enter(const char* kind) {
    other(kind);
    ++depth_;
    return true;
  }
  bool leave() {
    --depth_;
    if (depth_ == 1) in_labels_ = false;
    return true;
  }

  // A value of any kind but a wanted string.
  bool other(const char* kind) {
    if (problem_) return true;
    if (depth_ == 0) {
      problem_ = Problem{"a JSON object", kind};
    } else if (in_labels_ || (depth_ == 1 && wanted_ == Wanted::kLabels)) {
      problem_ = Problem{"an array of strings in \"" + *labels_field_ + '"', kind};
    } else if (depth_ == 1 && wanted_ != Wanted::kNothing) {
      const std::string& field = wanted_ == Wanted::kText ? text_field_ : *pair_field_;
      problem_ = Problem{"a string in \"" + field + '"', kind};
    }
    return true;
  }

  bool is_pair() const { return depth_ == 1 && wanted_ == Wanted::kPair; }

  void accept_once(bool& found, const std::string& field) {
    if (std::exchange(found, true))
      problem_ = Problem{"one field \"" + field + '"', "a second one"};
  }

  Problem missing(const std::string& field, const char* option) const {
    return {"a field \"" + field + "\" (" + option + ")",
            known_fields_.empty() ? "no other field" : known_fields_};
  }

  const std::string& text_field_;
  const std::optional<std::string>& pair_field_;
  const std::optional<std::string>& labels_field_;
  InputRow& row_;
  std::string known_fields_;
  std::optional<Problem> problem_;
  std::size_t depth_ = 0;
  Wanted wanted_ = Wanted::kNothing;
  bool found_text_ = false;
  bool found_pair_ = false;
  bool found_labels_ = false;
  bool in_labels_ = false;  // between the brackets of the wanted array
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

JsonlReader::JsonlReader(LineReader lines, const RowFields& fields)
    : lines_(std::move(lines)),
      text_field_(fields.text.value_or("text")),
      pair_field_(fields.text_pair),
      labels_field_(fields.labels) {}

bool JsonlReader::next(InputRow& row) {
  std::optional<std::string_view> line;
  do {
    line = lines_.next();
    if (!line) return false;
  } while (is_blank(*line));
  row.line = lines_.line();
  row.text.clear();
  row.text_pair.reset();
  row.labels.clear();
  row.error.reset();

  FieldFinder finder(text_field_, pair_field_, labels_field_, row);
  Json::sax_parse(line->begin(), line->end(), &finder);
  if (const auto problem = finder.problem()) {
    row.error = row_error(lines_.name(), row.line, problem->expected, problem->found);
  }
  return true;
}

}  // namespace polytag
