#include "jobs/pipeline.hpp"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "polytag/error.hpp"

namespace polytag {

namespace {

using Clock = std::chrono::steady_clock;

/// Rows that are handled together. Rows beyond `size` only keep their memory for the next use.
struct Chunk {
  std::vector<InputRow> rows;
  std::size_t size = 0;
  bool last = false;

  std::span<const InputRow> used() const { return std::span(rows).first(size); }
};

class Pipeline {
 public:
  Pipeline(RowSource& source, RowHandler& handler, OutputFile& output, PipelineObserver& observer,
           StopEvent& stop, const PipelineOptions& options)
      : source_(source),
        handler_(handler),
        output_(output),
        observer_(observer),
        stop_(stop),
        options_(options),
        chunk_rows_(std::min(options.first_rows, options.most_rows)) {}

  RunState run() {
    try {
      work();
    } catch (...) {
      // Wakes a reader or writer that waits, so that the futures end.
      stop_.request();
      throw;
    }
    return state_;
  }

 private:
  void work() {
    pass_over_done_rows();
    if (options_.journal == nullptr || !options_.journal->begun()) {
      std::string header;
      handler_.append_header(header);
      write(header, state_);
    }
    Chunk chunk = read_chunk({}, chunk_rows_);
    Chunk spare;
    while (chunk.size > 0) {
      stop_.check();
      if (!chunk.last) {
        // The reader owns its rows: if writing fails, this function returns before the reader does.
        next_ = std::async(std::launch::async,
                           [this, rows = chunk_rows_, reused = std::move(spare)]() mutable {
                             return read_chunk(std::move(reused), rows);
                           });
      }
      std::string out = handled(chunk);
      if (writing_.valid()) writing_.get();
      writing_ = std::async(std::launch::async,
                            [this, text = std::move(out), state = state_] { write(text, state); });
      observer_.update(state_.rows, chunk.used().back().end);
      if (chunk.last) break;
      spare = std::exchange(chunk, next_.get());
    }
    if (writing_.valid()) writing_.get();
    if (failure_) throw *failure_;
  }

  void pass_over_done_rows() {
    if (options_.journal == nullptr) return;
    const RunState& done = options_.journal->state();
    InputRow row;
    RunState read;
    while (read.rows < done.rows && source_.next(row)) {
      stop_.check();
      ++read.rows;
      read.add_to_digest(row);
    }
    if (read.rows != done.rows || read.digest != done.digest) {
      throw FormatError::mismatch(
          "", "input (resume)",
          "the " + std::to_string(done.rows) + " rows that were done before the interruption",
          read.rows == done.rows ? "other ones" : "only " + std::to_string(read.rows));
    }
    state_ = done;
    if (done.rows > 0) observer_.go_on_from(done.rows, row.end);
  }

  void write(const std::string& text, const RunState& state) {
    options_.journal == nullptr ? output_.write(text) : options_.journal->write(text, state);
  }

  Chunk read_chunk(Chunk chunk, std::size_t most_rows) {
    chunk.size = 0;
    chunk.last = false;
    std::size_t bytes = 0;
    while (chunk.size < most_rows && bytes < options_.chunk_bytes) {
      if (chunk.size > 0 && !source_.ready()) break;  // handle what has arrived
      if (chunk.size == chunk.rows.size()) chunk.rows.emplace_back();
      InputRow& row = chunk.rows[chunk.size];
      chunk.last = !source_.next(row);
      if (chunk.last) break;
      ++chunk.size;
      bytes += row.text.size() + (row.text_pair ? row.text_pair->size() : 0);
      chunk.last = row.error && !options_.keep_going;
      if (chunk.last) break;
    }
    return chunk;
  }

  std::string handled(const Chunk& chunk) {
    const Clock::time_point start = Clock::now();
    std::string out;
    std::span<const InputRow> rows = chunk.used();
    while (!rows.empty()) {
      const auto bad = std::find_if(rows.begin(), rows.end(),
                                    [](const InputRow& row) { return row.error.has_value(); });
      const auto good = static_cast<std::size_t>(bad - rows.begin());
      if (good > 0) handler_.append_rows(rows.first(good), out);
      count(rows.first(good));
      rows = rows.subspan(good);
      if (!rows.empty()) {
        handle_bad(rows.front(), out);
        rows = rows.subspan(1);
      }
    }
    adapt_chunk(chunk.size, Clock::now() - start);
    return out;
  }

  void handle_bad(const InputRow& row, std::string& out) {
    if (!options_.keep_going) {
      failure_ = row.error;
      return;
    }
    count(std::span(&row, 1));
    ++state_.skipped;
    observer_.message(std::string("skipped: ") + row.error->what());
    handler_.append_skipped(row, out);
  }

  void count(std::span<const InputRow> rows) {
    state_.rows += rows.size();
    if (options_.journal == nullptr) return;
    for (const InputRow& row : rows) state_.add_to_digest(row);
  }

  void adapt_chunk(std::size_t rows, Clock::duration taken) {
    if (taken > options_.chunk_time) {
      chunk_rows_ = std::max(chunk_rows_ / 2, std::min(options_.first_rows, options_.most_rows));
    } else if (rows == chunk_rows_ && taken < options_.chunk_time / 2) {
      chunk_rows_ = std::min(chunk_rows_ * 2, options_.most_rows);
    }
  }

  RowSource& source_;
  RowHandler& handler_;
  OutputFile& output_;
  PipelineObserver& observer_;
  StopEvent& stop_;
  const PipelineOptions& options_;
  std::size_t chunk_rows_;
  RunState state_;
  std::optional<FormatError> failure_;
  std::future<Chunk> next_;
  std::future<void> writing_;
};

}  // namespace

RunState run_pipeline(RowSource& source, RowHandler& handler, OutputFile& output,
                      PipelineObserver& observer, StopEvent& stop, const PipelineOptions& options) {
  return Pipeline(source, handler, output, observer, stop, options).run();
}

}  // namespace polytag
