#include "measure/interleaved_rounds.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "polytag/core/executor.hpp"
#include "support/catch.hpp"
#include "support/fake_classifier.hpp"

namespace polytag {

namespace {

using Sizes = std::vector<std::size_t>;

/// A classifier that takes 2 ms for a text and writes its name down for every call.
class SlowClassifier final : public MultiLabelClassifier {
 public:
  SlowClassifier(char name, std::string& calls)
      : MultiLabelClassifier(LabelVocabulary({"a"}, "slow"), {}, {}, {}),
        name_(name),
        calls_(calls) {}

 private:
  std::vector<EncodedText> encode_texts(std::span<const TextInput> inputs,
                                        const ClassifyOptions&) const override {
    return std::vector<EncodedText>(inputs.size());
  }
  std::vector<TextScores> score_texts(std::span<const EncodedText> texts,
                                      const ClassifyOptions& options) const override {
    if (options.stop.stop_requested()) throw CancelledError::requested();
    std::this_thread::sleep_for(std::chrono::milliseconds(2) * texts.size());
    calls_ += name_;
    return std::vector<TextScores>(texts.size(), {{0.5F}, {}, 0});
  }
  std::size_t texts_of_round(std::span<const TextInput> inputs,
                             const ClassifyOptions&) const override {
    return inputs.size();
  }

  char name_;
  std::string& calls_;
};

RoundsOptions lasting(double seconds) {
  RoundsOptions options;
  options.seconds = seconds;
  return options;
}

}  // namespace

TEST_CASE("measure_in_rounds: a warm-up, then each text alone and all together",
          "[measure][bench]") {
  const FakeClassifier classifier;
  SerialExecutor executor;
  const std::vector<Candidate> candidates{{classifier, executor}};
  const std::vector<TextInput> texts{"a", "b", "c"};
  const auto timings = measure_in_rounds(candidates, texts, lasting(0));
  REQUIRE(timings.size() == 1);
  CHECK(timings[0].calls.size() == 3);
  CHECK(timings[0].passes.size() == 1);
  CHECK(classifier.call_sizes() == Sizes{3, 1, 1, 1, 3});
  for (const double seconds : timings[0].calls) CHECK(seconds >= 0);
}

TEST_CASE(
    "measure_in_rounds: candidates take turns, another one first in each round, until a "
    "request to stop",
    "[measure][bench]") {
  std::string calls;
  const SlowClassifier a('a', calls);
  const SlowClassifier b('b', calls);
  SerialExecutor executor;
  const std::vector<Candidate> candidates{{a, executor}, {b, executor}};
  const std::vector<TextInput> texts{"x"};
  std::stop_source stop;
  std::vector<std::size_t> progress;
  RoundsOptions options = lasting(3600);
  options.classify.stop = stop.get_token();
  options.progress = [&](std::size_t done, double) {
    progress.push_back(done);
    if (done == 5) stop.request_stop();
  };
  CHECK_THROWS_AS(measure_in_rounds(candidates, texts, options), CancelledError);
  CHECK(calls ==
        "ab"
        "aabb"
        "bbaa"
        "aa");
  CHECK(progress == Sizes{1, 2, 3, 4, 5});
}

TEST_CASE("affordable_texts: as many as fit five rounds, at least one, at most all",
          "[measure][bench]") {
  std::string calls;
  const SlowClassifier slow('s', calls);
  SerialExecutor executor;
  const std::vector<Candidate> candidates{{slow, executor}, {slow, executor}};
  const std::vector<TextInput> texts(1000, "x");
  CHECK(affordable_texts(candidates, texts, lasting(0)) == 1);
  // 2 ms a text, alone and among others, for two candidates and in five rounds: 40 ms a text.
  const std::size_t some = affordable_texts(candidates, texts, lasting(0.4));
  CHECK(some >= 1);
  CHECK(some <= 10);
  CHECK(affordable_texts(candidates, {texts.data(), 2}, lasting(3600)) == 2);
}

}  // namespace polytag
