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

}  // namespace

std::unique_ptr<RowHandler> make_classify_handler(const MultiLabelClassifier& classifier,
                                                  const ClassifyOptions& options,
                                                  std::unique_ptr<ResultFormat<Prediction>> format,
                                                  std::size_t& truncated_texts) {
  const auto classify = [&classifier, &truncated_texts, options](std::span<const InputRow> rows) {
    std::vector<Prediction> predictions = classifier.classify(text_inputs(rows), options);
    truncated_texts += static_cast<std::size_t>(std::ranges::count_if(
        predictions, [](const Prediction& prediction) { return prediction.truncated_tokens > 0; }));
    return predictions;
  };
  return make_handler(std::move(format), *options.executor, classify);
}

std::unique_ptr<RowHandler> make_scores_handler(
    const MultiLabelClassifier& classifier, const ClassifyOptions& options,
    std::unique_ptr<ResultFormat<std::vector<float>>> format) {
  return make_handler(std::move(format), *options.executor,
                      [&classifier, options](std::span<const InputRow> rows) {
                        return classifier.scores(text_inputs(rows), options);
                      });
}

std::size_t most_rows_in_memory(std::size_t labels) noexcept {
  constexpr std::size_t kMostScores = std::size_t{4} << 20;
  return std::clamp<std::size_t>(kMostScores / std::max<std::size_t>(labels, 1), 64, 16384);
}

}  // namespace polytag::cli
