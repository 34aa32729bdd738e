#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/pipeline.hpp"
#include "cli/result_format.hpp"
#include "polytag/core/execution.hpp"

namespace polytag::cli {

/// The handler of commands that compute one result a row: Compute turns rows into results, in
/// their order, and a format writes them, on as many threads as the executor has.
template <class Result, class Compute>
class ResultHandler final : public RowHandler {
 public:
  ResultHandler(std::unique_ptr<ResultFormat<Result>> format, Compute compute, Executor& executor)
      : format_(std::move(format)), compute_(std::move(compute)), executor_(executor) {}

  void append_header(std::string& out) override { format_->append_header(out); }

  void append_rows(std::span<const InputRow> rows, std::string& out) override {
    const std::vector<Result> results = compute_(rows);
    const std::size_t count = std::min(executor_.concurrency(), rows.size());
    std::vector<std::string> parts(count);
    executor_.run(count, [&](std::size_t part) {
      const WorkRange range = work_range(rows.size(), count, part);
      for (std::size_t i = range.begin; i < range.end; ++i) {
        format_->append_row(rows[i], results[i], parts[part]);
      }
    });
    for (const std::string& part : parts) out += part;
  }

  void append_skipped(const InputRow& row, std::string& out) override {
    format_->append_skipped(row, out);
  }

 private:
  std::unique_ptr<ResultFormat<Result>> format_;
  Compute compute_;
  Executor& executor_;
};

}  // namespace polytag::cli
