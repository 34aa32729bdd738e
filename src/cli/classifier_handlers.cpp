#include "cli/classifier_handlers.hpp"

#include <algorithm>
#include <utility>

#include "cli/result_handler.hpp"

namespace polytag::cli {

namespace {

std::vector<TextInput> text_inputs(std::span<const InputRow> rows) {
  std::vector<TextInput> inputs;
  inputs.reserve(rows.size());
  for (const InputRow& row : rows) inputs.emplace_back(row.text, row.text_pair);
  return inputs;
}

template <class Result, class Compute>
std::unique_ptr<RowHandler> make_handler(std::unique_ptr<ResultFormat<Result>> format,
                                         Executor& executor, Compute compute) {
  return std::make_unique<ResultHandler<Result, Compute>>(std::move(format), std::move(compute),
                                                          executor);
}

template <class Result>
std::size_t count_truncated(const std::vector<Result>& results) {
  return static_cast<std::size_t>(std::ranges::count_if(
      results, [](const Result& result) { return result.truncated_tokens > 0; }));
}

}  // namespace

std::unique_ptr<RowHandler> make_classify_handler(const MultiLabelClassifier& classifier,
                                                  const ClassifyOptions& options,
                                                  std::unique_ptr<ResultFormat<Prediction>> format,
                                                  std::size_t& truncated_texts) {
  const auto classify = [&classifier, &truncated_texts, options](std::span<const InputRow> rows) {
    std::vector<Prediction> predictions = classifier.classify(text_inputs(rows), options);
    truncated_texts += count_truncated(predictions);
    return predictions;
  };
  return make_handler(std::move(format), *options.executor, classify);
}

std::unique_ptr<RowHandler> make_scores_handler(const MultiLabelClassifier& classifier,
                                                const ClassifyOptions& options,
                                                std::unique_ptr<ResultFormat<TextScores>> format,
                                                std::size_t& truncated_texts) {
  const auto score = [&classifier, &truncated_texts, options](std::span<const InputRow> rows) {
    std::vector<TextScores> scores = classifier.scores(text_inputs(rows), options);
    truncated_texts += count_truncated(scores);
    return scores;
  };
  return make_handler(std::move(format), *options.executor, score);
}

std::string truncation_note(std::size_t truncated_texts, std::size_t maximum_tokens) {
  if (truncated_texts == 0) return "";
  return std::to_string(truncated_texts) + " texts were longer than the model's " +
         std::to_string(maximum_tokens) + " tokens and were cut; --window-overlap reads them whole";
}

std::size_t most_rows_in_memory(std::size_t labels) noexcept {
  constexpr std::size_t kMostScores = std::size_t{4} << 20;
  return std::clamp<std::size_t>(kMostScores / std::max<std::size_t>(labels, 1), 64, 16384);
}

}  // namespace polytag::cli
