#include "runtime/linear_classifier.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"
#include "polytag/text/tokenizer_spec.hpp"

namespace polytag {

namespace {

class LinearClassifier final : public MultiLabelClassifier {
 public:
  LinearClassifier(LinearModel model, const LoadOptions& options)
      : MultiLabelClassifier(model.labels(), model.decision(), {}, describe(model)),
        model_(std::move(model)),
        executor_(options.threads == 1
                      ? nullptr
                      : std::make_unique<ThreadPool>(options.threads == 0 ? available_threads()
                                                                          : options.threads)) {}

 private:
  static ModelDescription describe(const LinearModel& model) {
    return {.architecture = std::string(LinearModel::kModelType),
            .head = std::string(LinearModel::kHead),
            .decodes_sequences = false,
            .problem_type = "multi_label_classification",
            .backend = "native",
            .precision = Precision::kFloat32,
            .instruction_set = default_instruction_set(),
            .maximum_tokens = kUnlimitedTokens,
            .parameter_count = model.parameter_count()};
  }

  Executor& executor(const ClassifyOptions& options) const {
    if (options.executor != nullptr) return *options.executor;
    return executor_ ? *executor_ : static_cast<Executor&>(serial_);
  }

  std::vector<EncodedText> encode_texts(std::span<const TextInput> inputs,
                                        const ClassifyOptions& options) const override {
    std::vector<EncodedText> encoded(inputs.size());
    executor(options).run(inputs.size(), [&](std::size_t i) {
      encoded[i].ids = model_.terms_of(inputs[i].text, inputs[i].text_pair);
      encoded[i].computed_tokens = encoded[i].ids.size();
    });
    return encoded;
  }

  std::vector<TextScores> score_texts(std::span<const EncodedText> texts,
                                      const ClassifyOptions& options) const override {
    std::vector<TextScores> scores(texts.size());
    executor(options).run(texts.size(), [&](std::size_t i) {
      if (options.stop.stop_requested()) throw CancelledError::requested();
      scores[i].scores = model_.scores(texts[i].ids);
      for (const float score : scores[i].scores) {
        if (!(score >= 0.0F && score <= 1.0F)) {
          throw EncodingError::mismatch("", "score", "a number from 0 to 1",
                                        std::to_string(score) + " (are all weights finite?)");
        }
      }
    });
    return scores;
  }

  std::size_t texts_of_round(std::span<const TextInput> inputs,
                             const ClassifyOptions&) const override {
    constexpr std::size_t kTexts = 4096;
    return std::min(inputs.size(), kTexts);
  }

  LinearModel model_;
  std::unique_ptr<ThreadPool> executor_;
  mutable SerialExecutor serial_;
};

}  // namespace

std::unique_ptr<MultiLabelClassifier> make_linear_classifier(LinearModel model,
                                                             const LoadOptions& options) {
  return std::make_unique<LinearClassifier>(std::move(model), options);
}

}  // namespace polytag
