#include "convert/origins/hyperparameters.hpp"

#include <algorithm>
#include <charconv>

#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 24;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::map<std::string, std::string> read_python(std::string_view text) {
  std::map<std::string, std::string> values;
  for (std::string_view line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    // The last assignment holds, as in Python.
    values[std::string(trimmed(line.substr(0, equals)))] = trimmed(line.substr(equals + 1));
  }
  return values;
}

std::map<std::string, std::string> read_json(std::string_view text, const std::string& file) {
  const JsonDocument document = parse_json(text, file);
  if (!document->is_object()) {
    throw FormatError::mismatch(file, "", "an object", document->type_name());
  }
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : document->items()) {
    values[name] = value.is_boolean() ? (value.get<bool>() ? "True" : "False") : value.dump();
  }
  return values;
}

}  // namespace

Hyperparameters::Hyperparameters(const std::filesystem::path& file) : file_(file.string()) {
  const std::string text = read_text_file(file_, kMostBytes);
  values_ = file.extension() == ".json" ? read_json(text, file_) : read_python(text);
}

const std::string* Hyperparameters::find(const std::string& name) const {
  const auto place = values_.find(name);
  return place == values_.end() ? nullptr : &place->second;
}

std::size_t Hyperparameters::parse_size(const std::string& name, std::string_view text) const {
  text = trimmed(text);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw FormatError::mismatch(file_, name, "a whole number", text);
  }
  return value;
}

std::size_t Hyperparameters::size(const std::string& name, std::size_t otherwise) const {
  const std::string* const text = find(name);
  return text == nullptr ? otherwise : parse_size(name, *text);
}

double Hyperparameters::number(const std::string& name, double otherwise) const {
  const std::string* const text = find(name);
  if (text == nullptr) return otherwise;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    throw FormatError::mismatch(file_, name, "a number", *text);
  }
  return value;
}

bool Hyperparameters::boolean(const std::string& name, bool otherwise) const {
  const std::string* const text = find(name);
  if (text == nullptr) return otherwise;
  if (*text != "True" && *text != "False") {
    throw FormatError::mismatch(file_, name, "True or False", *text);
  }
  return *text == "True";
}

std::vector<std::size_t> Hyperparameters::sizes(const std::string& name) const {
  const std::string* const text = find(name);
  if (text == nullptr) return {};
  if (text->size() < 2 || text->front() != '[' || text->back() != ']') {
    throw FormatError::mismatch(file_, name, "a list of whole numbers", *text);
  }
  std::vector<std::size_t> values;
  std::string_view rest = std::string_view(*text).substr(1, text->size() - 2);
  while (!trimmed(rest).empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    values.push_back(parse_size(name, rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return values;
}

}  // namespace polytag
