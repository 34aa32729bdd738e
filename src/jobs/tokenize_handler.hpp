#pragma once

#include <memory>
#include <span>
#include <string>

#include "jobs/pipeline.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/text/tokenizer.hpp"
#include "reports/record_format.hpp"

namespace polytag {

/// Tokenizes rows and writes the encodings, each thread into memory that it uses again.
class TokenizeHandler final : public RowHandler {
 public:
  /// @param tokenizer, executor  outlive the handler
  /// @param options              with offsets, which the formats write
  TokenizeHandler(const Tokenizer& tokenizer, const EncodeOptions& options,
                  std::unique_ptr<RecordFormat<Encoding>> format, Executor& executor);

  void append_header(std::string& out) override;
  void append_rows(std::span<const InputRow> rows, std::string& out) override;
  void append_skipped(const InputRow& row, std::string& out) override;

 private:
  const Tokenizer& tokenizer_;
  EncodeOptions options_;
  std::unique_ptr<RecordFormat<Encoding>> format_;
  Executor& executor_;
};

}  // namespace polytag
