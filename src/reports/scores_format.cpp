#include <algorithm>
#include <numeric>

#include "reports/record_format.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

class JsonScores final : public RecordFormat<TextScores> {
 public:
  JsonScores(const LabelVocabulary& labels, bool named)
      : open_(named ? "{\"scores\": {" : "{\"scores\": ["), close_(named ? "}}\n" : "]}\n") {
    // The text before each score is the same in every row.
    for (const std::string& name : labels.names()) {
      std::string& prefix = prefixes_.emplace_back(prefixes_.empty() ? "" : ", ");
      if (!named) continue;
      append_json_string(prefix, name);
      prefix += ": ";
    }
  }

  void append_row(const InputRow&, const TextScores& text, std::string& out) const override {
    out += open_;
    for (std::size_t label = 0; label < text.scores.size(); ++label) {
      out += prefixes_[label];
      append_number(out, text.scores[label]);
    }
    out += close_;
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    append_json_error(row, out);
  }

 private:
  std::string_view open_;
  std::string_view close_;
  std::vector<std::string> prefixes_;  // [labels]
};

class CsvScores final : public RecordFormat<TextScores> {
 public:
  CsvScores(const LabelVocabulary& labels, bool errors) : labels_(labels), errors_(errors) {}

  void append_header(std::string& out) const override {
    for (std::size_t label = 0; label < labels_.size(); ++label) {
      if (label > 0) out += ',';
      append_csv_field(out, labels_.name(label));
    }
    out += errors_ ? ",error\r\n" : "\r\n";
  }

  void append_row(const InputRow&, const TextScores& text, std::string& out) const override {
    for (std::size_t label = 0; label < text.scores.size(); ++label) {
      if (label > 0) out += ',';
      append_number(out, text.scores[label]);
    }
    out += errors_ ? ",\r\n" : "\r\n";
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    out.append(labels_.size(), ',');
    append_csv_field(out, row.error->what());
    out += "\r\n";
  }

 private:
  const LabelVocabulary& labels_;
  bool errors_;
};

/// A line for every label of every text, best first.
class ScoresTable final : public RecordFormat<TextScores> {
 public:
  explicit ScoresTable(const LabelVocabulary& labels) : labels_(labels) {
    for (const std::string& name : labels.names()) {
      name_width_ = std::max(name_width_, std::min<std::size_t>(display_width(name), 40));
    }
  }

  void append_row(const InputRow& row, const TextScores& text, std::string& out) const override {
    if (row.number > 1) out += '\n';
    append_number(out, row.number);
    out += ": ";
    append_cell(out, row.text, std::min<std::size_t>(display_width(row.text), 70));
    out += '\n';
    std::vector<std::size_t> order(text.scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return text.scores[a] > text.scores[b]; });
    for (const std::size_t label : order) {
      out += "  ";
      append_cell(out, labels_.name(label), name_width_);
      out += "  ";
      append_number(out, text.scores[label]);
      out += '\n';
    }
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    append_number(out, row.number);
    out.append(": error: ").append(row.error->what()).append("\n");
  }

 private:
  const LabelVocabulary& labels_;
  std::size_t name_width_ = 0;
};

}  // namespace

std::unique_ptr<RecordFormat<TextScores>> make_scores_format(OutputFormat format,
                                                             const LabelVocabulary& labels,
                                                             const ScoresFormatOptions& options) {
  switch (format) {
    case OutputFormat::kCsv:
      return std::make_unique<CsvScores>(labels, options.errors);
    case OutputFormat::kTable:
      return std::make_unique<ScoresTable>(labels);
    case OutputFormat::kJsonl:
      break;
  }
  return std::make_unique<JsonScores>(labels, options.named);
}

}  // namespace polytag
