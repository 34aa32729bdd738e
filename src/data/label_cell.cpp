#include "data/label_cell.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "data/list_literal.hpp"

namespace polytag {

namespace {

using Kind = FieldValue::Kind;

constexpr std::string_view kWhiteSpace = " \t\n\r\v\f";
constexpr std::string_view kLabelPrefix = "__label__";

/// Spellings that pandas reads as a missing value, and those that Python writes for one.
bool is_missing(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords{"nan",  "NaN", "null", "NULL", "None",
                                                    "none", "NA",  "N/A",  "<NA>", "n/a"};
  return std::ranges::count(kWords, text) > 0;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string_view stripped(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

std::optional<std::size_t> whole_number(std::string_view text) {
  if (text.ends_with(".0")) text.remove_suffix(2);
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<FieldValue> split_labels(std::string_view text, char delimiter) {
  std::vector<FieldValue> parts;
  while (true) {
    const std::size_t end = std::min(text.find(delimiter), text.size());
    const std::string_view part = stripped(text.substr(0, end));
    if (!part.empty()) parts.push_back(FieldValue::of_text(std::string(part)));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

LabelCell label_cell(const FieldValue& value, const LabelVocabulary& labels) {
  LabelCell cell;
  switch (value.kind) {
    case Kind::kNull:
    case Kind::kNaN:
      return cell;
    case Kind::kNumber:
    case Kind::kBoolean:
      cell.kind = LabelCell::Kind::kItems;
      cell.items = {value};
      return cell;
    case Kind::kList:
      cell.kind = value.items.empty() ? LabelCell::Kind::kNone : LabelCell::Kind::kItems;
      cell.items = value.items;
      return cell;
    case Kind::kObject:
      cell.kind = LabelCell::Kind::kWrong;
      return cell;
    case Kind::kText:
      break;
  }
  cell.text = stripped(value.text);
  const bool is_name = labels.index_of(cell.text).has_value();
  if (cell.text.empty() || (!is_name && is_missing(cell.text))) return cell;
  cell.kind = LabelCell::Kind::kText;
  if (is_name) return cell;
  if (std::optional<std::vector<FieldValue>> items = parse_list_literal(cell.text)) {
    cell.kind = items->empty() ? LabelCell::Kind::kNone : LabelCell::Kind::kItems;
    cell.items = *std::move(items);
  }
  return cell;
}

LabelCell take_fasttext_labels(std::string& line) {
  LabelCell cell;
  cell.kind = LabelCell::Kind::kItems;
  std::string text;
  std::string_view rest = line;
  while (!rest.empty()) {
    const std::size_t space = std::min(rest.find_first_not_of(kWhiteSpace), rest.size());
    const std::size_t word_end = std::min(rest.find_first_of(kWhiteSpace, space), rest.size());
    const std::string_view word = rest.substr(space, word_end - space);
    if (word.starts_with(kLabelPrefix)) {
      cell.items.push_back(FieldValue::of_text(std::string(word.substr(kLabelPrefix.size()))));
    } else {
      text += rest.substr(0, word_end);
    }
    rest.remove_prefix(word_end);
  }
  line = stripped(text);
  return cell;
}

std::optional<Flag> flag_of(const FieldValue& value) {
  const std::string_view text = stripped(value.text);
  switch (value.kind) {
    case Kind::kNull:
    case Kind::kNaN:
      return Flag::kMissing;
    case Kind::kText:
      if (text.empty() || is_missing(text)) return Flag::kMissing;
      if (text == "true" || text == "True" || text == "TRUE") return Flag::kYes;
      if (text == "false" || text == "False" || text == "FALSE") return Flag::kNo;
      break;
    case Kind::kBoolean:
      return text == "true" ? Flag::kYes : Flag::kNo;
    case Kind::kNumber:
      break;
    case Kind::kList:
    case Kind::kObject:
      return std::nullopt;
  }
  const std::optional<double> number = number_of(text);
  if (number == 0.0) return Flag::kNo;
  if (number == 1.0) return Flag::kYes;
  if (number == -1.0) return Flag::kMissing;
  return std::nullopt;
}

}  // namespace polytag
