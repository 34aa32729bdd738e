#include "polytag/data/find_labels.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "data/file_stream.hpp"
#include "data/label_cell.hpp"
#include "data/label_reading.hpp"
#include "data/record.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::size_t kMostLabels = std::size_t{1} << 20;

/// Names in the order of their first appearance.
class Names {
 public:
  void add(const std::string& name) {
    if (seen_.insert(name).second) names_.push_back(name);
  }
  std::size_t size() const { return names_.size(); }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> names_;
};

/// Collects the labels of one file, record by record.
class LabelFinder {
 public:
  LabelFinder(std::string file, const RowOptions& rows, const LabelOptions& options)
      : file_(std::move(file)), rows_(rows), options_(options) {}

  void add(Record& record) {
    if (record.error) throw FormatError(*record.error);
    line_ = record.line;
    if (rows_.format == InputFormat::kLines) {
      add_cell(take_fasttext_labels(record.values.front().text));
      return;
    }
    if (!options_.labels_columns.empty()) return;
    const std::string* const field = labels_field(record);
    if (field == nullptr) {
      look_for_flags(record);
      return;
    }
    add_cell(label_cell(record.values[place_of(record, *field)], none_));
  }

  FoundLabels found() {
    FoundLabels result{{}, options_};
    if (!options_.labels_columns.empty()) {
      result.labels = LabelVocabulary(options_.labels_columns, file_);
      return result;
    }
    for (const std::string& name : flag_fields_) {
      if (!other_fields_.contains(name) && says_something_.contains(name)) {
        result.options.labels_columns.push_back(name);
      }
    }
    if (has_cells_ || result.options.labels_columns.empty()) {
      result.options.labels_columns.clear();
      result.options.labels_delimiter = delimiter();
      result.labels =
          LabelVocabulary(names_by_delimiter_[result.options.labels_delimiter].take(), file_);
    } else {
      result.labels = LabelVocabulary(result.options.labels_columns, file_);
    }
    if (result.labels.size() == 0) {
      throw ConfigError::mismatch(
          file_, "labels",
          "labels in a field \"labels\" or another one (labels_field), in 0/1 fields "
          "(labels_columns), or as __label__NAME in lines",
          "none");
    }
    return result;
  }

 private:
  static std::size_t place_of(const Record& record, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(record.names, name) - record.names.begin());
  }

  const std::string* labels_field(const Record& record) {
    const auto has = [&](const std::string& name) {
      return place_of(record, name) < record.names.size();
    };
    if (options_.labels_field) {
      if (has(*options_.labels_field)) return &*options_.labels_field;
      const auto number = whole_number(*options_.labels_field);
      if (number && *number > 0 && *number <= record.names.size()) {
        return &record.names[*number - 1];
      }
      return nullptr;
    }
    for (const std::string& name : kFields) {
      if (has(name)) return &name;
    }
    return nullptr;
  }

  void look_for_flags(const Record& record) {
    for (std::size_t i = 0; i < record.names.size(); ++i) {
      const std::string& name = record.names[i];
      const auto flag = flag_of(record.values[i]);
      const bool is_text = name == rows_.text_field || name == rows_.pair_field;
      if (!flag || is_text) {
        other_fields_.insert(name);
        continue;
      }
      if (known_fields_.insert(name).second) flag_fields_.push_back(name);
      if (*flag != Flag::kMissing) says_something_.insert(name);
    }
  }

  void add_cell(const LabelCell& cell) {
    has_cells_ = true;
    if (options_.labels_format.value_or(LabelFormat::kNames) != LabelFormat::kNames) {
      throw nameless("names of labels");
    }
    if (cell.kind == LabelCell::Kind::kWrong) throw nameless("a list, a string or a number");
    if (cell.kind == LabelCell::Kind::kNone) return;
    std::vector<std::string> names;
    for (const FieldValue& item : cell.items) {
      if (item.kind != FieldValue::Kind::kText) throw nameless("names of labels");
      names.push_back(item.text);
    }
    for (std::size_t i = 0; i <= kLabelDelimiters.size(); ++i) {
      std::optional<char> delimiter;
      if (i > 0) delimiter = kLabelDelimiters[i - 1];
      Names& all = names_by_delimiter_[delimiter];
      for (const std::string& name : names) all.add(name);
      if (cell.kind != LabelCell::Kind::kText) continue;
      if (!delimiter) {
        all.add(cell.text);
        continue;
      }
      if (cell.text.find(*delimiter) != std::string::npos) used_.insert(*delimiter);
      for (const FieldValue& part : split_labels(cell.text, *delimiter)) all.add(part.text);
    }
    if (names_by_delimiter_[std::nullopt].size() > kMostLabels) {
      throw nameless("at most " + std::to_string(kMostLabels) + " labels");
    }
  }

  ConfigError nameless(std::string_view expected) const {
    return ConfigError::mismatch(
        file_, "labels in line " + std::to_string(line_),
        std::string(expected) + ", or a file that says the labels' names (labels)",
        "something else");
  }

  /// The one that leaves the fewest names; none where none helps.
  std::optional<char> delimiter() {
    if (options_.labels_delimiter) return options_.labels_delimiter;
    std::optional<char> best;
    for (const char delimiter : kLabelDelimiters) {
      if (used_.contains(delimiter) &&
          names_by_delimiter_[delimiter].size() < names_by_delimiter_[best].size()) {
        best = delimiter;
      }
    }
    return best;
  }

  inline static const std::vector<std::string> kFields{"labels", "label"};

  std::string file_;
  const RowOptions& rows_;
  LabelOptions options_;
  LabelVocabulary none_;
  std::size_t line_ = 0;
  bool has_cells_ = false;
  std::map<std::optional<char>, Names> names_by_delimiter_;
  std::set<char> used_;
  std::vector<std::string> flag_fields_;  // in the order of their first occurrence
  std::set<std::string> known_fields_, other_fields_, says_something_;
};

}  // namespace

FoundLabels find_labels(const InputFile& file, const LabelOptions& options, std::stop_token stop) {
  FileStream stream(file.path, std::move(stop));
  LabelFinder finder(stream.name(), file.options, options);
  const auto reader = make_record_reader(file.options, {}, stream.name(), stream, kBlock);
  Record record;
  while (reader->next(record)) finder.add(record);
  return finder.found();
}

}  // namespace polytag
