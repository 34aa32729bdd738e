#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "files/stop_event.hpp"
#include "jobs/output_file.hpp"
#include "jobs/run_journal.hpp"
#include "polytag/data/row_source.hpp"

namespace polytag {

/// Turns rows into output. Called by one thread at a time.
class RowHandler {
 public:
  virtual ~RowHandler() = default;

  /// Appends the lines above all rows.
  virtual void append_header(std::string& out) = 0;
  /// Appends the results of good rows, in their order.
  virtual void append_rows(std::span<const InputRow> rows, std::string& out) = 0;
  /// Appends the placeholder of a bad row.
  virtual void append_skipped(const InputRow& row, std::string& out) = 0;
};

/// Receives the progress of a pipeline, to show it. Called by one thread at a time.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;

  /// Rows and bytes of input that an interrupted run has done before this one.
  virtual void go_on_from(std::size_t rows, std::size_t bytes) = 0;
  /// Rows and bytes of input that are done by now.
  virtual void update(std::size_t rows, std::size_t bytes) = 0;
  /// Something that users should know, as a line.
  virtual void message(std::string_view text) = 0;
};

struct PipelineOptions {
  bool keep_going = false;  ///< a bad row is reported and skipped, not the end
  /// Rows are handled in chunks that grow from `first_rows` to `most_rows` as long as one takes
  /// less than `chunk_time`: large enough to keep all threads busy, small enough to see results.
  std::size_t first_rows = 64;
  std::size_t most_rows = 16384;
  std::size_t chunk_bytes = std::size_t{4} << 20;  ///< a chunk ends with the text that reaches it
  std::chrono::milliseconds chunk_time{300};
  /// The journal of an output to be continued, borrowed; null: all rows are new. Rows that it says
  /// are done are read and compared with those of the earlier run, but not handled again.
  RunJournal* journal = nullptr;
};

/// Reads, handles and writes all rows in bounded memory, in order. The next chunk is read and the
/// last one written while one is handled; a chunk ends early where the input makes us wait.
/// @throws FormatError for the first bad row, after the rows before it were written;
///         CancelledError once `stop` was requested; what source, handler and output throw;
///         FormatError if the rows that the journal says are done are not those of the input
/// @return the state at the end, rows done before included
RunState run_pipeline(RowSource& source, RowHandler& handler, OutputFile& output,
                      PipelineObserver& observer, StopEvent& stop, const PipelineOptions& options);

}  // namespace polytag
