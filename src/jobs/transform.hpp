#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jobs/parallel_text.hpp"
#include "jobs/pipeline.hpp"
#include "polytag/classifier.hpp"
#include "reports/record_format.hpp"

namespace polytag {

/// Computes a record of every row, in their order.
template <class Record>
using Transform = std::function<std::vector<Record>(std::span<const InputRow>)>;

/// Computes the records of rows and formats them, on as many threads as the executor has.
template <class Record>
class TransformHandler final : public RowHandler {
 public:
  /// @param executor  outlives the handler
  TransformHandler(Transform<Record> transform, std::unique_ptr<RecordFormat<Record>> format,
                   Executor& executor)
      : transform_(std::move(transform)), format_(std::move(format)), executor_(executor) {}

  void append_header(std::string& out) override { format_->append_header(out); }

  void append_rows(std::span<const InputRow> rows, std::string& out) override {
    const std::vector<Record> records = transform_(rows);
    append_in_parallel(executor_, rows.size(), out,
                       [&](std::size_t begin, std::size_t end, std::string& part) {
                         for (std::size_t i = begin; i < end; ++i) {
                           format_->append_row(rows[i], records[i], part);
                         }
                       });
  }

  void append_skipped(const InputRow& row, std::string& out) override {
    format_->append_skipped(row, out);
  }

 private:
  Transform<Record> transform_;
  std::unique_ptr<RecordFormat<Record>> format_;
  Executor& executor_;
};

/// The texts of rows, which they borrow.
std::vector<TextInput> text_inputs(std::span<const InputRow> rows);

/// How many of the predictions or scores are those of texts that were cut.
template <class Record>
std::size_t count_truncated(const std::vector<Record>& records) {
  return static_cast<std::size_t>(std::ranges::count_if(
      records, [](const Record& record) { return record.truncated_tokens > 0; }));
}

/// The number of rows whose scores take some 16 MiB: a bound for PipelineOptions::most_rows.
std::size_t most_rows_in_memory(std::size_t labels) noexcept;

}  // namespace polytag
