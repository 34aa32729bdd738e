#include "polytag/runtime/text_pipeline.hpp"

#include <limits>

#include "polytag/error.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

/// A pipeline whose windows hold one token.
TextPipeline narrow_pipeline() {
  return {Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"}, "test"), {}),
          {.maximum_tokens = 3,
           .padded_length = {},
           .threads = 1,
           .instruction_set = InstructionSet::kBaseline,
           .num_labels = 1,
           .search_bytes = 0}};
}

/// A forward pass that gives every sequence this score.
TextPipeline::ForwardBatch always(float score) {
  return [score](const EncodedBatch& batch, const ExecutionContext&) {
    return std::vector<TextScores>(batch.size(), TextScores{{score}, {}, 0});
  };
}

}  // namespace

TEST_CASE("text pipeline: the mean of many windows' ones is one", "[model]") {
  // A tenth, added ten times in float32, is 1.0000001.
  ClassifyOptions options;
  options.windows = WindowOptions{.overlap = 0, .pooling = WindowPooling::kMean};
  const TextInput input("a a a a a a a a a a");
  const TextPipeline pipeline = narrow_pipeline();
  const auto texts = pipeline.encode(std::span(&input, 1), options);
  CHECK(texts.front().computed_tokens == 30);  // ten windows with two special tokens each
  const auto results = pipeline.forward(texts, options, always(1.0F));
  CHECK(results.front().scores == std::vector<float>{1.0F});
}

TEST_CASE("head classifier: a score that is no probability is an error", "[model]") {
  for (const float score : {std::numeric_limits<float>::quiet_NaN(), -0.5F, 1.0000001F}) {
    const std::vector<TextScores> answers{{{0.5F}, {}, 0}, {{0.0F, score, 1.0F}, {}, 0}};
    CHECK_THROWS_AS(check_scores(answers), EncodingError);
    CHECK_NOTHROW(check_scores(std::span(answers).first(1)));
  }
}
