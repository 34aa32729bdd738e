#include "polytag/data/row_source.hpp"

#include <utility>

#include "data/file_stream.hpp"
#include "polytag/data/row_reader.hpp"

namespace polytag {

namespace {

/// Texts given on the command line, as the lines of a file would be.
class TextsReader final : public RowReader {
 public:
  explicit TextsReader(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  bool next(InputRow& row) override {
    if (next_ == texts_.size()) return false;
    row.text = texts_[next_++];
    row.line = next_;
    return true;
  }
  bool ready() override { return true; }
  std::size_t position() const override { return 0; }

 private:
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

}  // namespace

struct RowSource::Input {
  std::unique_ptr<FileStream> stream;  // none for texts of the command line
  std::unique_ptr<RowReader> reader;
};

RowSource::RowSource(const std::vector<InputFile>& files, std::stop_token stop) : total_bytes_(0) {
  for (const InputFile& file : files) {
    auto stream = std::make_unique<FileStream>(file.path, stop);
    const std::optional<std::size_t> size = stream->size();
    total_bytes_ = size && total_bytes_ ? std::optional(*total_bytes_ + *size) : std::nullopt;
    auto reader = make_row_reader(file.options, stream->name(), *stream);
    inputs_.push_back(std::make_unique<Input>(Input{std::move(stream), std::move(reader)}));
  }
}

RowSource::RowSource(std::vector<std::string> texts) {
  auto reader = std::make_unique<TextsReader>(std::move(texts));
  inputs_.push_back(std::make_unique<Input>(Input{nullptr, std::move(reader)}));
}

RowSource::~RowSource() = default;

bool RowSource::next(InputRow& row) {
  for (; current_ < inputs_.size(); ++current_) {
    RowReader& reader = *inputs_[current_]->reader;
    if (reader.next(row)) {
      row.number = ++rows_;
      row.end = bytes_before_ + reader.position();
      return true;
    }
    bytes_before_ += reader.position();
  }
  return false;
}

bool RowSource::ready() { return current_ == inputs_.size() || inputs_[current_]->reader->ready(); }

}  // namespace polytag
