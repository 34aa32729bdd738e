#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jobs/parallel_text.hpp"
#include "jobs/pipeline.hpp"
#include "reports/result_format.hpp"

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
    append_in_parallel(executor_, rows.size(), out,
                       [&](std::size_t begin, std::size_t end, std::string& part) {
                         for (std::size_t i = begin; i < end; ++i) {
                           format_->append_row(rows[i], results[i], part);
                         }
                       });
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
