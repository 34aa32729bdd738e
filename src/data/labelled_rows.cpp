#include "polytag/data/labelled_rows.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "data/file_stream.hpp"
#include "data/label_layout.hpp"
#include "data/record.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The rows and bytes at the beginning that decide how labels are written.
constexpr std::size_t kSampleRows = 1000;
constexpr std::size_t kSampleBytes = std::size_t{4} << 20;
constexpr std::size_t kMostUnknown = 1000;
constexpr std::size_t kBlock = std::size_t{64} << 10;

/// A stream that can be read again from its beginning, once.
class ReplayedStream final : public ByteStream {
 public:
  explicit ReplayedStream(ByteStream& stream) : stream_(stream) {}

  std::size_t read(std::span<char> block) override {
    if (recording_) {
      const std::size_t count = stream_.read(block);
      recorded_.append(block.data(), count);
      return count;
    }
    const std::size_t left = recorded_.size() - replayed_;
    if (left == 0) return stream_.read(block);
    const std::size_t count = std::min(left, block.size());
    std::copy_n(recorded_.data() + replayed_, count, block.data());
    replayed_ += count;
    if (replayed_ == recorded_.size()) {
      recorded_ = {};
      replayed_ = 0;
    }
    return count;
  }
  bool ready() override { return (!recording_ && !recorded_.empty()) || stream_.ready(); }

  /// Rewinds to the beginning; the recorded bytes are read again, then the rest.
  void replay() { recording_ = false; }

 private:
  ByteStream& stream_;
  bool recording_ = true;
  std::string recorded_;
  std::size_t replayed_ = 0;
};

std::vector<Record> first_records(RecordReader& reader) {
  std::vector<Record> records;
  Record record;
  while (records.size() < kSampleRows && reader.position() < kSampleBytes && reader.next(record)) {
    records.push_back(std::move(record));
    record = {};
  }
  return records;
}

std::vector<FieldRequest> requests_of(const RowOptions& rows, const LabelLayout& layout) {
  std::vector<FieldRequest> requests = text_requests(rows);
  if (layout.source == LabelLayout::Source::kField) {
    requests.push_back({layout.labels_field, "labels_field"});
  }
  for (const std::string& column : layout.columns) requests.push_back({column, "labels_columns"});
  return requests;
}

}  // namespace

class LabelledRows::Reader {
 public:
  Reader(const InputFile& file, const LabelOptions& options, const LabelVocabulary& labels,
         std::stop_token stop)
      : file_(file.path, std::move(stop)),
        stream_(file_),
        rows_(file.options),
        unknown_labels_(options.unknown_labels),
        labels_(labels) {
    const auto all_fields = make_record_reader(rows_, {}, file_.name(), stream_, kBlock);
    layout_ = guess_layout(first_records(*all_fields), file_.name(), rows_, options, labels);
    words_ = describe(layout_, labels);
    stream_.replay();
    if (layout_.source != LabelLayout::Source::kFastText) rows_.text_field = layout_.text_field;
    std::vector<FieldRequest> requests = requests_of(rows_, layout_);
    first_label_ = text_requests(rows_).size();
    reader_ = make_record_reader(rows_, std::move(requests), file_.name(), stream_, kBlock * 4);
  }

  bool next(LabelledRow& labelled) {
    if (!reader_->next(record_)) return false;
    InputRow& row = labelled.row;
    take_texts(record_, rows_, file_.name(), row);
    row.number = ++number_;
    row.end = reader_->position();
    if (row.error) return true;
    ReadLabels read;
    if (layout_.source == LabelLayout::Source::kColumns) {
      read_columns(read, row);
    } else {
      const LabelCell cell = layout_.source == LabelLayout::Source::kFastText
                                 ? take_fasttext_labels(row.text)
                                 : label_cell(record_.values[first_label_], labels_);
      if (const auto problem = read_labels(cell, layout_.reading, labels_, read)) {
        row.error = row_error(file_.name(), row.line, problem->expected + " (labels_format)",
                              problem->found);
      }
    }
    take_unknown(read.unknown, row);
    labelled.labels = std::move(read.labels);
    labelled.missing = std::move(read.missing);
    return true;
  }

  const std::string& name() const { return file_.name(); }
  const std::string& words() const { return words_; }
  const std::map<std::string, std::size_t>& unknown_labels() const { return unknown_; }
  std::optional<std::size_t> total_bytes() const { return file_.size(); }

 private:
  void read_columns(ReadLabels& read, InputRow& row) const {
    for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
      const std::string& name = layout_.columns[i];
      const std::optional<Flag> flag = flag_of(record_.values[first_label_ + i]);
      if (!flag) {
        row.error = row_error(file_.name(), row.line, "0 or 1 in \"" + name + '"',
                              shown(record_.values[first_label_ + i]));
        return;
      }
      const std::optional<std::size_t> index = labels_.index_of(name);
      if (*flag == Flag::kYes) index ? read.labels.push_back(*index) : read.unknown.push_back(name);
      if (*flag == Flag::kMissing && index) read.missing.push_back(*index);
    }
    std::sort(read.labels.begin(), read.labels.end());
    std::sort(read.missing.begin(), read.missing.end());
  }

  static std::string shown(const FieldValue& value) {
    return value.kind == FieldValue::Kind::kList || value.kind == FieldValue::Kind::kObject
               ? std::string(name_of(value.kind))
               : '"' + value.text + '"';
  }

  void take_unknown(const std::vector<std::string>& names, InputRow& row) {
    if (names.empty() || row.error) return;
    if (unknown_labels_ == UnknownLabels::kError) {
      row.error = row_error(file_.name(), row.line, "labels of the model (unknown_labels)",
                            quoted_name(names.front(), labels_));
      return;
    }
    for (const std::string& name : names) {
      if (unknown_.size() < kMostUnknown || unknown_.contains(name)) ++unknown_[name];
    }
  }

  FileStream file_;
  ReplayedStream stream_;
  RowOptions rows_;
  UnknownLabels unknown_labels_;
  const LabelVocabulary& labels_;
  LabelLayout layout_;
  std::string words_;
  std::size_t first_label_ = 0;  // among the fields of a record
  std::unique_ptr<RecordReader> reader_;
  Record record_;
  std::size_t number_ = 0;
  std::map<std::string, std::size_t> unknown_;
};

LabelledRows::LabelledRows(const InputFile& file, const LabelOptions& options,
                           const LabelVocabulary& labels, std::stop_token stop)
    : reader_(std::make_unique<Reader>(file, options, labels, std::move(stop))) {}

LabelledRows::~LabelledRows() = default;

bool LabelledRows::next(LabelledRow& row) { return reader_->next(row); }

const std::string& LabelledRows::name() const noexcept { return reader_->name(); }

const std::string& LabelledRows::layout() const noexcept { return reader_->words(); }

const std::map<std::string, std::size_t>& LabelledRows::unknown_labels() const noexcept {
  return reader_->unknown_labels();
}

std::optional<std::size_t> LabelledRows::total_bytes() const noexcept {
  return reader_->total_bytes();
}

}  // namespace polytag
