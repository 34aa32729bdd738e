#include "polytag/runtime/text_pipeline.hpp"

#include <limits>

#include "polytag/error.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "polytag/text/bert_tokenizer.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

/// A pipeline whose windows hold one token.
TextPipeline narrow_pipeline() {
  return {make_bert_tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"}, "test")),
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

/// A pipeline with this template around tokens of "a" (id 4) and "b" (id 5).
TextPipeline pipeline_with(const SequenceTemplate& sequence_template, std::size_t maximum_tokens) {
  Vocabulary vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"}, "test");
  TokenizerSpec spec = bert_tokenizer_spec(vocabulary);
  spec.sequence_template = sequence_template;
  return {Tokenizer(std::move(vocabulary), std::move(spec)),
          {.maximum_tokens = maximum_tokens,
           .padded_length = {},
           .threads = 1,
           .instruction_set = InstructionSet::kBaseline,
           .num_labels = 1,
           .search_bytes = 0}};
}

}  // namespace

TEST_CASE("text pipeline: each window gets the tokenizer's template", "[runtime]") {
  const TextPipeline pipeline = pipeline_with(
      {.single = {.before = {{2, 1}}, .after = {{3}, {3, 1}}, .text_type = 1}, .pair = {}}, 5);
  std::vector<std::vector<std::int32_t>> ids, types;
  const TextPipeline::ForwardBatch keep = [&](const EncodedBatch& batch, const ExecutionContext&) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto begin = static_cast<std::ptrdiff_t>(batch.sequence_starts[i]);
      const auto end = static_cast<std::ptrdiff_t>(batch.sequence_starts[i + 1]);
      ids.emplace_back(batch.input_ids.begin() + begin, batch.input_ids.begin() + end);
      types.emplace_back(batch.token_type_ids.begin() + begin, batch.token_type_ids.begin() + end);
    }
    return std::vector<TextScores>(batch.size(), TextScores{{0.5F}, {}, 0});
  };
  ClassifyOptions options;
  options.windows = WindowOptions{.overlap = 0};
  const TextInput input("a a b b");
  pipeline.forward(pipeline.encode(std::span(&input, 1), options), options, keep);
  CHECK(ids == std::vector<std::vector<std::int32_t>>{{2, 4, 4, 3, 3}, {2, 5, 5, 3, 3}});
  CHECK(types == std::vector<std::vector<std::int32_t>>(2, {1, 1, 1, 0, 1}));
  options.windows->overlap = 2;
  CHECK_THROWS_WITH(pipeline.encode(std::span(&input, 1), options),
                    ContainsSubstring("less than the 2 tokens"));
}

TEST_CASE("text pipeline: a text without any token is an error where no special ones are added",
          "[runtime]") {
  const TextPipeline pipeline = pipeline_with({}, 4);
  const TextInput texts[] = {TextInput("a b"), TextInput(" ")};
  ClassifyOptions options;
  for (const bool windows : {false, true}) {
    if (windows) options.windows = WindowOptions{.overlap = 0};
    CHECK(pipeline.encode(std::span(texts, 1), options).front().ids.size() == 2);
    CHECK_THROWS_AS(pipeline.encode(texts, options), EncodingError);
  }
}

TEST_CASE("text pipeline: the mean of many windows' ones is one", "[runtime]") {
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

TEST_CASE("head classifier: a score that is no probability is an error", "[runtime]") {
  for (const float score : {std::numeric_limits<float>::quiet_NaN(), -0.5F, 1.0000001F}) {
    const std::vector<TextScores> answers{{{0.5F}, {}, 0}, {{0.0F, score, 1.0F}, {}, 0}};
    CHECK_THROWS_AS(check_scores(answers), EncodingError);
    CHECK_NOTHROW(check_scores(std::span(answers).first(1)));
  }
}
