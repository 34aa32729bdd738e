#pragma once

#include <memory>
#include <optional>
#include <string>

#include "jobs/pipeline.hpp"
#include "polytag/classifier.hpp"
#include "reports/result_format.hpp"

namespace polytag::cli {

/// Classifies rows. Everything named outlives the handler.
/// @param options          with the executor that classification and output share
/// @param truncated_texts  counts the texts that were cut
std::unique_ptr<RowHandler> make_classify_handler(const MultiLabelClassifier& classifier,
                                                  const ClassifyOptions& options,
                                                  std::unique_ptr<ResultFormat<Prediction>> format,
                                                  std::size_t& truncated_texts);

/// Scores rows against every label.
std::unique_ptr<RowHandler> make_scores_handler(const MultiLabelClassifier& classifier,
                                                const ClassifyOptions& options,
                                                std::unique_ptr<ResultFormat<TextScores>> format,
                                                std::size_t& truncated_texts);

/// What users should know of texts that were cut; empty if none was.
std::string truncation_note(std::size_t truncated_texts, std::size_t maximum_tokens);

/// So many rows that their scores take no more than some 16 MiB: a bound for PipelineOptions.
std::size_t most_rows_in_memory(std::size_t labels) noexcept;

}  // namespace polytag::cli
