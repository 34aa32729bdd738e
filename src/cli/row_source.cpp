#include "cli/row_source.hpp"

#include <atomic>
#include <utility>

namespace polytag::cli {

namespace {

/// Texts given on the command line, as the lines of a file would be.
class TextsReader final : public RowReader {
 public:
  explicit TextsReader(const std::vector<std::string>& texts) : texts_(texts) {}
  bool next(InputRow& row) override {
    if (next_ == texts_.size()) return false;
    row.text = texts_[next_++];
    row.line = next_;
    return true;
  }
  bool ready() override { return true; }

 private:
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

}  // namespace

/// Counts bytes for a progress line that another thread draws.
class RowSource::CountedStream final : public ByteStream {
 public:
  CountedStream(const std::string& path, const StopEvent& stop) : file_(path, stop) {}
  std::size_t read(std::span<char> block) override {
    const std::size_t count = file_.read(block);
    bytes_ += count;
    return count;
  }
  bool ready() override { return file_.ready(); }
  const FileStream& file() const noexcept { return file_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  FileStream file_;
  std::atomic<std::size_t> bytes_ = 0;
};

struct RowSource::Input {
  std::unique_ptr<CountedStream> stream;  // none for texts of the command line
  std::unique_ptr<RowReader> reader;
};

RowSource::RowSource(const std::vector<InputFile>& files, const RowFields& fields,
                     const StopEvent& stop)
    : total_bytes_(0) {
  for (const InputFile& file : files) {
    auto stream = std::make_unique<CountedStream>(file.path, stop);
    const std::optional<std::size_t> size = stream->file().size();
    total_bytes_ = size && total_bytes_ ? std::optional(*total_bytes_ + *size) : std::nullopt;
    auto reader = make_row_reader(file.format, fields, stream->file().name(), *stream);
    inputs_.push_back(std::make_unique<Input>(Input{std::move(stream), std::move(reader)}));
  }
}

RowSource::RowSource(const std::vector<std::string>& texts) {
  inputs_.push_back(std::make_unique<Input>(Input{nullptr, std::make_unique<TextsReader>(texts)}));
}

RowSource::~RowSource() = default;

bool RowSource::next(InputRow& row) {
  for (; current_ < inputs_.size(); ++current_) {
    if (inputs_[current_]->reader->next(row)) {
      row.number = ++rows_;
      return true;
    }
  }
  return false;
}

bool RowSource::ready() { return current_ == inputs_.size() || inputs_[current_]->reader->ready(); }

std::size_t RowSource::bytes_read() const noexcept {
  std::size_t bytes = 0;
  for (const auto& input : inputs_) bytes += input->stream ? input->stream->bytes() : 0;
  return bytes;
}

}  // namespace polytag::cli
