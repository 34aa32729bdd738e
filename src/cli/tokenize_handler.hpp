#pragma once

#include <memory>

#include "jobs/pipeline.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/text/tokenizer.hpp"
#include "reports/result_format.hpp"

namespace polytag::cli {

/// Encodings as text. JSONL: {"tokens": […], "ids": […], "offsets": [[begin, end], …]}, and
/// "token_type_ids" for a pair. CSV and the table have a line for every token.
/// @param tokenizer  outlives the format
std::unique_ptr<ResultFormat<Encoding>> make_encoding_format(OutputFormat format,
                                                             const Tokenizer& tokenizer);

/// Tokenizes rows. Everything that is borrowed outlives the handler.
/// @param options  with offsets, which the formats write
std::unique_ptr<RowHandler> make_tokenize_handler(const Tokenizer& tokenizer,
                                                  const EncodeOptions& options,
                                                  std::unique_ptr<ResultFormat<Encoding>> format,
                                                  Executor& executor);

}  // namespace polytag::cli
