#include <algorithm>

#include "reports/record_format.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

/// Appends "[a, b, …]", each item by append_item(index).
template <class AppendItem>
void append_json_array(std::string& out, std::size_t size, const AppendItem& append_item) {
  out += '[';
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ", ";
    append_item(i);
  }
  out += ']';
}

class JsonEncodings final : public RecordFormat<Encoding> {
 public:
  explicit JsonEncodings(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void append_row(const InputRow& row, const Encoding& encoding, std::string& out) const override {
    const std::size_t size = encoding.ids.size();
    out += "{\"tokens\": ";
    append_json_array(out, size, [&](std::size_t i) {
      append_json_string(out, tokenizer_.token(encoding.ids[i]));
    });
    out += ", \"ids\": ";
    append_json_array(out, size, [&](std::size_t i) { append_number(out, encoding.ids[i]); });
    out += ", \"offsets\": ";
    append_json_array(out, size, [&](std::size_t i) {
      out += '[';
      append_number(out, encoding.offsets[i].begin);
      out += ", ";
      append_number(out, encoding.offsets[i].end);
      out += ']';
    });
    if (row.text_pair) {
      out += ", \"token_type_ids\": ";
      append_json_array(out, size,
                        [&](std::size_t i) { append_number(out, encoding.token_type_ids[i]); });
    }
    out += "}\n";
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    append_json_error(row, out);
  }

 private:
  const Tokenizer& tokenizer_;
};

class CsvEncodings final : public RecordFormat<Encoding> {
 public:
  explicit CsvEncodings(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void append_header(std::string& out) const override {
    out += "row,token,id,begin,end,token_type_id\r\n";
  }

  void append_row(const InputRow& row, const Encoding& encoding, std::string& out) const override {
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
      append_number(out, row.number);
      out += ',';
      append_csv_field(out, tokenizer_.token(encoding.ids[i]));
      for (const std::size_t number :
           {static_cast<std::size_t>(encoding.ids[i]), encoding.offsets[i].begin,
            encoding.offsets[i].end, static_cast<std::size_t>(encoding.token_type_ids[i])}) {
        out += ',';
        append_number(out, number);
      }
      out += "\r\n";
    }
  }

  // The row's number is missing among the others; what was wrong stands on standard error.
  void append_skipped(const InputRow&, std::string&) const override {}

 private:
  const Tokenizer& tokenizer_;
};

/// Each token, its id, and the characters of the text that it stands for.
class EncodingTable final : public RecordFormat<Encoding> {
 public:
  explicit EncodingTable(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void append_row(const InputRow& row, const Encoding& encoding, std::string& out) const override {
    if (row.number > 1) out += '\n';
    std::size_t width = 0;
    for (const std::int32_t id : encoding.ids) {
      width = std::max(width, display_width(tokenizer_.token(id)));
    }
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
      append_cell(out, tokenizer_.token(encoding.ids[i]), width);
      out += "  ";
      std::string id;
      append_number(id, encoding.ids[i]);
      append_cell(out, id, 7);
      append_number(out, encoding.offsets[i].begin);
      out += "-";
      append_number(out, encoding.offsets[i].end);
      out += '\n';
    }
  }

  void append_skipped(const InputRow& row, std::string& out) const override {
    out.append("error: ").append(row.error->what()).append("\n");
  }

 private:
  const Tokenizer& tokenizer_;
};

}  // namespace

std::unique_ptr<RecordFormat<Encoding>> make_encoding_format(OutputFormat format,
                                                             const Tokenizer& tokenizer) {
  switch (format) {
    case OutputFormat::kCsv:
      return std::make_unique<CsvEncodings>(tokenizer);
    case OutputFormat::kTable:
      return std::make_unique<EncodingTable>(tokenizer);
    case OutputFormat::kJsonl:
      break;
  }
  return std::make_unique<JsonEncodings>(tokenizer);
}

}  // namespace polytag
