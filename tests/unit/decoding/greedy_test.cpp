#include "polytag/decoding/greedy.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include "polytag/decoding/beam_search.hpp"
#include "random_model.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

DecodingOptions greedy_options(std::size_t vocabulary, std::size_t length) {
  DecodingOptions options;
  options.vocabulary_size = vocabulary;
  options.start_id = 1;
  options.end_id = 0;
  options.maximum_length = length;
  return options;
}

}  // namespace

TEST_CASE("greedy_search: takes the lowest of equal ids and stops at the end",
          "[decoding][greedy]") {
  const std::vector<std::vector<float>> script{{0, 2, 2}, {1, 0, 3}, {5, 5, 1}};
  std::size_t time = 0;
  const auto step = [&](const DecodingStep&, MatrixView<float> logits) {
    std::copy(script[time].begin(), script[time].end(), logits.row(0).begin());
    ++time;
  };
  const auto sequences = greedy_search(1, greedy_options(3, 10), step);
  CHECK(sequences[0].ids == std::vector<std::size_t>{1, 2, 0});
  CHECK(sequences[0].finished);
  CHECK(time == 3);
}

TEST_CASE("greedy_search: a finished text is left alone while others go on", "[decoding][greedy]") {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t text = 0; text < 30; ++text) seeds.push_back(31 + text * 17);
  const auto options = greedy_options(5, 9);
  RandomModel model(seeds);
  const auto together = greedy_search(seeds.size(), options, model);
  std::size_t emitted = 0;
  for (std::size_t text = 0; text < seeds.size(); ++text) {
    const auto alone = greedy_search(1, options, RandomModel({seeds[text]}));
    CHECK(together[text].ids == alone[0].ids);
    CHECK(together[text].log_probability == alone[0].log_probability);
    CHECK(together[text].finished == (together[text].ids.back() == 0));
    emitted += together[text].ids.size();
  }
  CHECK(model.rows_stepped == emitted);
}

TEST_CASE("greedy_search: is beam search of width 1", "[decoding][greedy]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    BeamSearchOptions options;
    static_cast<DecodingOptions&>(options) = greedy_options(6, 8);
    options.unique_ids = seed % 2 == 0;
    const auto greedy = greedy_search(1, options, RandomModel({seed}));
    const auto beam = beam_search(1, options, RandomModel({seed}));
    CHECK(greedy[0].ids == beam[0].sequences[0].ids);
    CHECK(greedy[0].log_probability == beam[0].sequences[0].log_probability);
  }
}

TEST_CASE("greedy_search: a text that can go nowhere ends unfinished", "[decoding][greedy]") {
  auto options = greedy_options(3, 5);
  options.unique_ids = true;
  const auto step = [](const DecodingStep&, MatrixView<float> logits) {
    const float never = -std::numeric_limits<float>::infinity();
    logits.row(0)[0] = logits.row(0)[2] = never;
    logits.row(0)[1] = 0;
  };
  const auto sequences = greedy_search(1, options, step);
  CHECK(sequences[0].ids == std::vector<std::size_t>{1});
  CHECK_FALSE(sequences[0].finished);
}

TEST_CASE("greedy_search: NaN logits are an error, not a hang", "[decoding][greedy]") {
  const auto step = [](const DecodingStep&, MatrixView<float> logits) {
    for (float& logit : logits.row(0)) logit = std::numeric_limits<float>::quiet_NaN();
  };
  CHECK_THROWS_AS(greedy_search(1, greedy_options(3, 5), step), ArgumentError);
}
