#include "data/label_layout.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Names of the field with the text, in files that have no field "text".
constexpr std::array<std::string_view, 11> kTextFields{
    "comment_text", "sentence",  "content",  "comment",  "body",    "tweet",
    "review",       "utterance", "document", "abstract", "headline"};
constexpr std::array<std::string_view, 2> kLabelFields{"labels", "label"};

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list.append(list.empty() ? "\"" : ", \"").append(name).append("\"");
    if (list.size() > 300) return list + ", …";
  }
  return list;
}

/// The first records of a file, by field.
class Sample {
 public:
  Sample(const std::vector<Record>& records, const RowOptions& rows) : numbered_(is_csv(rows)) {
    for (const Record& record : records) {
      if (record.error) continue;
      records_.push_back(&record);
      for (const std::string& name : record.names) {
        if (!has(name)) names_.push_back(name);
      }
    }
  }

  bool empty() const { return records_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const { return std::ranges::count(names_, name) > 0; }

  /// The values of a field in the records that have it. CSV columns may be given by their number.
  std::vector<std::pair<const FieldValue*, std::size_t>> values(std::string_view name) const {
    std::vector<std::pair<const FieldValue*, std::size_t>> values;
    const std::optional<std::size_t> number = numbered_ ? whole_number(name) : std::nullopt;
    for (const Record* record : records_) {
      const auto place = std::ranges::find(record->names, name);
      std::size_t index = static_cast<std::size_t>(place - record->names.begin());
      if (index == record->names.size() && number && *number > 0) index = *number - 1;
      if (index < record->values.size()) values.emplace_back(&record->values[index], record->line);
    }
    return values;
  }

  /// Whether every value of a field is 0, 1 or nothing, and not all are nothing.
  bool is_flag(std::string_view name) const {
    bool says_something = false;
    for (const auto& [value, line] : values(name)) {
      const std::optional<Flag> flag = flag_of(*value);
      if (!flag) return false;
      says_something |= *flag != Flag::kMissing;
    }
    return says_something;
  }

 private:
  static bool is_csv(const RowOptions& rows) { return rows.format == InputFormat::kCsv; }

  bool numbered_;
  std::vector<const Record*> records_;
  std::vector<std::string> names_;  // of all records, in the order of their first occurrence
};

/// A reading, and how well the sample fits it.
struct Candidate {
  LabelReading reading;
  std::vector<ReadLabels> read{};  // [cells]
  std::size_t known_cells = 0;     // without an unknown label
  std::size_t known_labels = 0;
  bool possible = true;

  auto rank() const { return std::pair(known_cells, known_labels); }
};

struct SampleCell {
  LabelCell cell;
  std::size_t line;
};

class LayoutGuess {
 public:
  LayoutGuess(const Sample& sample, std::string_view file, const RowOptions& rows,
              const LabelOptions& options, const LabelVocabulary& labels)
      : sample_(sample), file_(file), rows_(rows), options_(options), labels_(labels) {}

  LabelLayout layout() {
    LabelLayout layout;
    if (rows_.format == InputFormat::kLines) {
      layout.source = LabelLayout::Source::kFastText;
      layout.reading = reading_of(fasttext_cells());
      return layout;
    }
    find_labels(layout);
    layout.text_field = text_field(layout);
    if (layout.source == LabelLayout::Source::kField) {
      layout.reading = reading_of(cells_of(layout.labels_field));
    }
    return layout;
  }

 private:
  void find_labels(LabelLayout& layout) const {
    layout.labels_field = options_.labels_field.value_or("labels");
    layout.columns = options_.labels_columns;
    if (!layout.columns.empty()) layout.source = LabelLayout::Source::kColumns;
    if (options_.labels_field || !layout.columns.empty() || sample_.empty()) return;

    std::vector<std::string> fields;
    for (const std::string_view name : kLabelFields) {
      if (sample_.has(name)) fields.emplace_back(name);
    }
    for (const std::string& name : sample_.names()) {
      const bool is_text = name == rows_.text_field || name == rows_.pair_field;
      const bool is_label = labels_.index_of(name).has_value() && !is_text;
      if (is_label && sample_.is_flag(name)) layout.columns.push_back(name);
    }
    if (fields.empty() && layout.columns.empty()) {
      throw no_fields(
          "a field with the labels (labels_field), or a 0/1 field for each of them "
          "(labels_columns)");
    }
    if (fields.size() + (layout.columns.empty() ? 0 : 1) > 1) {
      std::string found = quoted_list(fields);
      if (!layout.columns.empty()) found += " and 0/1 fields " + quoted_list(layout.columns);
      throw ConfigError::mismatch(
          file_, "labels", "to know which field has them (labels_field, labels_columns)", found);
    }
    if (fields.empty()) {
      layout.source = LabelLayout::Source::kColumns;
    } else {
      layout.labels_field = fields.front();
    }
  }

  std::string text_field(const LabelLayout& layout) const {
    if (rows_.text_field) return *rows_.text_field;
    if (sample_.has("text") || sample_.empty()) return "text";
    std::vector<std::string> others;  // fields that are not taken yet
    std::vector<std::string> likely;
    for (const std::string& name : sample_.names()) {
      const bool taken = name == rows_.pair_field || std::ranges::count(layout.columns, name) > 0 ||
                         name == layout.labels_field;
      if (taken) continue;
      others.push_back(name);
      if (std::ranges::count(kTextFields, name) > 0) likely.push_back(name);
    }
    if (likely.size() == 1) return likely.front();
    if (others.size() == 1) return others.front();
    throw no_fields("a field \"text\", or the name of another one (text_field)");
  }

  ConfigError no_fields(std::string_view expected) const {
    const bool csv = rows_.format == InputFormat::kCsv;
    const std::string more = csv && rows_.header ? "; or no header (header)" : "";
    return ConfigError::mismatch(file_, csv ? "columns" : "fields", std::string(expected) + more,
                                 quoted_list(sample_.names()));
  }

  std::vector<SampleCell> cells_of(const std::string& field) const {
    std::vector<SampleCell> cells;
    for (const auto& [value, line] : sample_.values(field)) {
      LabelCell cell = label_cell(*value, labels_);
      if (cell.kind != LabelCell::Kind::kNone) cells.push_back({std::move(cell), line});
    }
    return cells;
  }

  std::vector<SampleCell> fasttext_cells() const {
    std::vector<SampleCell> cells;
    for (const auto& [value, line] : sample_.values("text")) {
      std::string text = value->text;
      LabelCell cell = take_fasttext_labels(text);
      if (!cell.items.empty()) cells.push_back({std::move(cell), line});
    }
    if (cells.empty() && !sample_.empty()) {
      throw ConfigError::mismatch(file_, "labels",
                                  "__label__NAME in lines, or CSV or JSON (format)", "none");
    }
    return cells;
  }

  /// The one way to read the cells; names where there are none.
  LabelReading reading_of(const std::vector<SampleCell>& cells) const {
    std::vector<Candidate> possible;
    for (const LabelFormat format :
         {LabelFormat::kNames, LabelFormat::kIndices, LabelFormat::kVector}) {
      if (options_.labels_format.value_or(format) != format) continue;
      if (cells.empty()) return {format, options_.labels_delimiter};
      if (auto best = best_delimiter(cells, format)) possible.push_back(*std::move(best));
    }
    if (possible.empty()) throw no_reading(cells);
    const bool same = possible.size() == 2 && possible[0].read == possible[1].read &&
                      possible[1].reading.format == LabelFormat::kIndices && numbers_are_names();
    if (possible.size() > 1 && !same) {
      throw ambiguous(cells, possible[0], possible[1], "labels_format");
    }
    return possible.front().reading;
  }

  /// The reading that makes the most of the cells; none if the format is not theirs.
  std::optional<Candidate> best_delimiter(const std::vector<SampleCell>& cells,
                                          LabelFormat format) const {
    std::optional<Candidate> best;
    for (const std::optional<char> delimiter : delimiters(cells)) {
      Candidate candidate = read_all(cells, {format, delimiter});
      if (!candidate.possible) continue;
      if (best && best->rank() == candidate.rank() && best->read != candidate.read) {
        throw ambiguous(cells, *best, candidate, "labels_delimiter");
      }
      if (!best || best->rank() < candidate.rank()) best = std::move(candidate);
    }
    return best;
  }

  std::vector<std::optional<char>> delimiters(const std::vector<SampleCell>& cells) const {
    if (options_.labels_delimiter) return {options_.labels_delimiter};
    std::vector<std::optional<char>> used{std::nullopt};
    for (const char delimiter : kLabelDelimiters) {
      const bool occurs = std::ranges::any_of(cells, [&](const SampleCell& sample) {
        return sample.cell.text.find(delimiter) != std::string::npos;
      });
      if (occurs) used.emplace_back(delimiter);
    }
    return used;
  }

  Candidate read_all(const std::vector<SampleCell>& cells, const LabelReading& reading) const {
    Candidate candidate{reading};
    for (const SampleCell& sample : cells) {
      ReadLabels read;
      if (read_labels(sample.cell, reading, labels_, read)) {
        candidate.possible = false;
        return candidate;
      }
      candidate.known_cells += read.unknown.empty() ? 1 : 0;
      candidate.known_labels += read.labels.size();
      candidate.read.push_back(std::move(read));
    }
    // A field in which no name is a label's holds something else.
    candidate.possible = candidate.known_cells > 0 || candidate.known_labels > 0;
    return candidate;
  }

  /// Whether names that look like numbers are the indices of their labels.
  bool numbers_are_names() const {
    for (std::size_t index = 0; index < labels_.size(); ++index) {
      const std::optional<std::size_t> number = whole_number(labels_.name(index));
      if (number && *number != index) return false;
    }
    return true;
  }

  ConfigError ambiguous(const std::vector<SampleCell>& cells, const Candidate& a,
                        const Candidate& b, std::string_view option) const {
    std::size_t i = 0;
    while (i + 1 < cells.size() && a.read[i] == b.read[i]) ++i;
    return ConfigError::mismatch(
        file_, "labels", "one way to read them (" + std::string(option) + ")",
        words(a.reading) + " or " + words(b.reading) + ", as in line " +
            std::to_string(cells[i].line) + ": " + quoted_cell(cells[i].cell, labels_));
  }

  FormatError no_reading(const std::vector<SampleCell>& cells) const {
    const LabelReading names{options_.labels_format.value_or(LabelFormat::kNames),
                             options_.labels_delimiter};
    const SampleCell* shown = &cells.front();
    std::string expected = "labels of the model: names, indices below " +
                           std::to_string(labels_.size()) + " or " +
                           std::to_string(labels_.size()) + " values of 0 or 1";
    for (const SampleCell& sample : cells) {
      ReadLabels read;
      const auto problem = read_labels(sample.cell, names, labels_, read);
      if (!problem) continue;
      shown = &sample;
      if (options_.labels_format) expected = problem->expected;
      break;
    }
    return row_error(file_, shown->line,
                     expected + " (labels_field, labels_format, labels_delimiter)",
                     quoted_cell(shown->cell, labels_));
  }

 public:
  static std::string words(const LabelReading& reading) {
    constexpr std::array<std::string_view, 3> kWords{"names", "indices", "0/1 vectors"};
    std::string text(kWords[static_cast<std::size_t>(reading.format)]);
    if (!reading.delimiter) return text;
    const std::string delimiter =
        *reading.delimiter == '\t' ? "a tab" : "'" + std::string(1, *reading.delimiter) + "'";
    return text + " with " + delimiter + " between them";
  }

 private:
  const Sample& sample_;
  std::string_view file_;
  const RowOptions& rows_;
  const LabelOptions& options_;
  const LabelVocabulary& labels_;
};

}  // namespace

LabelLayout guess_layout(const std::vector<Record>& sample, std::string_view file,
                         const RowOptions& rows, const LabelOptions& options,
                         const LabelVocabulary& labels) {
  if (options.labels_field && !options.labels_columns.empty()) {
    throw ArgumentError::mismatch("labels_columns", "no labels_field beside it",
                                  *options.labels_field);
  }
  return LayoutGuess(Sample(sample, rows), file, rows, options, labels).layout();
}

std::string describe(const LabelLayout& layout, const LabelVocabulary& labels) {
  const std::string text = "; text: \"" + layout.text_field + '"';
  switch (layout.source) {
    case LabelLayout::Source::kFastText:
      return "labels: __label__ " + LayoutGuess::words(layout.reading) +
             "; text: the rest of the line";
    case LabelLayout::Source::kField:
      return "labels: " + LayoutGuess::words(layout.reading) + " in \"" + layout.labels_field +
             '"' + text;
    case LabelLayout::Source::kColumns:
      break;
  }
  std::vector<std::string> without;
  for (const std::string& name : labels.names()) {
    if (std::ranges::count(layout.columns, name) == 0) without.push_back(name);
  }
  return "labels: 0/1 in " + quoted_list(layout.columns) +
         (without.empty() ? "" : " (nothing says " + quoted_list(without) + ")") + text;
}

}  // namespace polytag
