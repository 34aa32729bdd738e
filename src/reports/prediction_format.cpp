#include <algorithm>

#include "reports/record_format.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

/// Appends `separator` between the items of a list: nothing before the first.
class Separator {
 public:
  explicit Separator(std::string_view separator) : separator_(separator) {}
  std::string_view operator()() { return std::exchange(next_, separator_); }

 private:
  std::string_view separator_;
  std::string_view next_;
};

class JsonPredictions final : public RecordFormat<Prediction> {
 public:
  explicit JsonPredictions(const PredictionFormatOptions& options) : options_(options) {}

  void append_row(const InputRow&, const Prediction& prediction, std::string& out) const override {
    out += "{\"labels\": [";
    Separator comma(", ");
    for (const PredictedLabel& label : prediction.labels) {
      out.append(comma()).append("{\"name\": ");
      append_json_string(out, label.name);
      out += ", \"index\": ";
      append_number(out, label.index);
      out += ", \"score\": ";
      append_number(out, label.score);
      out += '}';
    }
    out += "], \"truncated_tokens\": ";
    append_number(out, prediction.truncated_tokens);
    if (options_.sequence && !prediction.beams.empty()) {
      out += ", \"sequence\": ";
      append_names(prediction.beams.front(), out);
    }
    if (options_.beams) append_beams(prediction, out);
    out += "}\n";
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    append_json_error(row, out);
  }

 private:
  static void append_names(const LabelSequence& sequence, std::string& out) {
    Separator comma(", ");
    out += '[';
    for (const std::string& name : sequence.names) {
      out.append(comma());
      append_json_string(out, name);
    }
    out += ']';
  }

  static void append_beams(const Prediction& prediction, std::string& out) {
    Separator comma(", ");
    out += ", \"beams\": [";
    for (const LabelSequence& beam : prediction.beams) {
      out.append(comma()).append("{\"ids\": [");
      Separator id_comma(", ");
      for (const std::size_t id : beam.ids) {
        out.append(id_comma());
        append_number(out, id);
      }
      out += "], \"names\": ";
      append_names(beam, out);
      out += ", \"log_probability\": ";
      append_number(out, beam.log_probability);
      out += '}';
    }
    out += ']';
  }

  PredictionFormatOptions options_;
};

/// A list inside a CSV field: items quoted as CSV fields are, with ";" for the comma.
void append_list_item(std::string& list, std::string_view separator, std::string_view item) {
  list.append(separator);
  if (item.find_first_of(";\"") == std::string_view::npos) {
    list.append(item);
    return;
  }
  list += '"';
  for (const char c : item) list.append(c == '"' ? 2 : 1, c);
  list += '"';
}

class CsvPredictions final : public RecordFormat<Prediction> {
 public:
  explicit CsvPredictions(const PredictionFormatOptions& options) : options_(options) {}

  void append_header(std::string& out) const override {
    out += "labels,scores,truncated_tokens";
    if (options_.sequence) out += ",sequence";
    if (options_.errors) out += ",error";
    out += "\r\n";
  }

  void append_row(const InputRow&, const Prediction& prediction, std::string& out) const override {
    std::string names;
    std::string scores;
    Separator before_name(";");
    Separator before_score(";");
    for (const PredictedLabel& label : prediction.labels) {
      append_list_item(names, before_name(), label.name);
      scores.append(before_score());
      append_number(scores, label.score);
    }
    append_csv_field(out, names);
    out.append(",").append(scores).append(",");
    append_number(out, prediction.truncated_tokens);
    if (options_.sequence) {
      std::string sequence;
      Separator before_item(";");
      if (!prediction.beams.empty()) {
        for (const std::string& name : prediction.beams.front().names) {
          append_list_item(sequence, before_item(), name);
        }
      }
      out += ',';
      append_csv_field(out, sequence);
    }
    out += options_.errors ? ",\r\n" : "\r\n";
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    out += options_.sequence ? ",,,," : ",,,";
    append_csv_field(out, row.error->what());
    out += "\r\n";
  }

 private:
  PredictionFormatOptions options_;
};

/// The text, cut, and what it was given.
class PredictionTable final : public RecordFormat<Prediction> {
 public:
  explicit PredictionTable(const PredictionFormatOptions& options)
      : text_width_(std::clamp<std::size_t>(options.table_width / 2, 16, 72)) {}

  void append_header(std::string& out) const override {
    append_cell(out, "text", text_width_);
    out += "  labels\n";
  }

  void append_row(const InputRow& row, const Prediction& prediction,
                  std::string& out) const override {
    append_cell(out, row.text, text_width_);
    out += "  ";
    Separator comma(", ");
    for (const PredictedLabel& label : prediction.labels) {
      out.append(comma());
      append_cell(out, label.name, display_width(label.name));
      out += ' ';
      append_percent(label.score, out);
    }
    if (prediction.labels.empty()) out += '-';
    if (prediction.truncated_tokens > 0) {
      out += "  (cut by ";
      append_number(out, prediction.truncated_tokens);
      out += " tokens)";
    }
    out += '\n';
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    append_cell(out, "", text_width_);
    out.append("  error: ").append(row.error->what()).append("\n");
  }

 private:
  static void append_percent(float score, std::string& out) {
    append_number(out, static_cast<int>(std::clamp(score, 0.0F, 1.0F) * 100.0F + 0.5F));
    out += '%';
  }

  std::size_t text_width_;
};

}  // namespace

std::unique_ptr<RecordFormat<Prediction>> make_prediction_format(
    OutputFormat format, const PredictionFormatOptions& options) {
  switch (format) {
    case OutputFormat::kCsv:
      return std::make_unique<CsvPredictions>(options);
    case OutputFormat::kTable:
      return std::make_unique<PredictionTable>(options);
    case OutputFormat::kJsonl:
      break;
  }
  return std::make_unique<JsonPredictions>(options);
}

void append_json_error(const InputRow& row, std::string& out) {
  out += "{\"error\": ";
  append_json_string(out, row.error->what());
  out += ", \"line\": ";
  append_number(out, row.line);
  out += "}\n";
}

}  // namespace polytag
