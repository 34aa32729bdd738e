// Many threads on one model, in every way that there is to call it, while others load and unload
// models and cancel calls: every answer has the bits that it has when nothing else goes on. To be
// run under ThreadSanitizer, too.

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kClassifyingThreads = 16;
constexpr int kRounds = 12;

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = [] {
    std::mt19937 random(11);
    const std::vector<std::string> words{"word", "words", "wheat", "oil", "中文", "\xff", "naïve"};
    std::vector<std::string> made{""};
    for (int i = 0; i < 24; ++i) {
      std::string text;
      for (auto left = random() % (i % 6 == 0 ? 60 : 9); left > 0; --left) {
        text += words[random() % words.size()] + " ";
      }
      made.push_back(text);
    }
    return made;
  }();
  return all;
}

std::vector<TextInput> inputs() { return {texts().begin(), texts().end()}; }

/// A classifier with the answers that it gives to one call at a time.
struct Subject {
  Subject(const fs::path& path, const LoadOptions& load) : model(load_classifier(path, load)) {
    windows.windows = WindowOptions{.overlap = 2, .pooling = WindowPooling::kMax};
    for (const TextInput& input : inputs()) {
      scores.push_back(model->scores(input));
      if (!model->description().decodes_sequences) {
        windowed.push_back(model->scores(input, windows));
      }
    }
  }

  std::unique_ptr<MultiLabelClassifier> model;
  ClassifyOptions windows;
  std::vector<TextScores> scores;
  std::vector<TextScores> windowed;  // none for a sequence head
};

/// One call in one of the ways. @return whether it gave what it should
bool call(const Subject& subject, std::mt19937& random, ThreadPool& own) {
  ClassifyOptions options;
  options.batch_tokens = 1 + random() % 200;
  switch (random() % 5) {
    case 0:
      return subject.model->scores(inputs(), options) == subject.scores;
    case 1:
      options.executor = &own;
      return subject.model->scores(inputs(), options) == subject.scores;
    case 2: {
      if (subject.windowed.empty()) return true;
      return subject.model->scores(inputs(), subject.windows) == subject.windowed;
    }
    case 3: {
      std::stop_source source;
      options.stop = source.get_token();
      options.batch_tokens = 1;
      std::jthread canceller([&] { source.request_stop(); });
      try {
        return subject.model->scores(inputs(), options) == subject.scores;
      } catch (const CancelledError&) {
        return true;
      }
    }
    default: {
      const std::size_t i = random() % texts().size();
      return subject.model->scores(texts()[i]) == subject.scores[i];
    }
  }
}

/// Takes one from a count, whatever happens.
struct Leaving {
  ~Leaving() { --count; }
  std::atomic<std::size_t>& count;
};

/// Calls `work` on so many threads at once. What one throws counts as wrong.
std::size_t count_wrong(std::size_t threads, const std::function<bool(std::size_t)>& work) {
  std::atomic<std::size_t> wrong{0};
  {
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        try {
          if (!work(t)) ++wrong;
        } catch (...) {
          ++wrong;
        }
      });
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("concurrency: sixteen threads on one model, others loading, unloading and cancelling",
          "[properties][threads]") {
  const test::SmallModels models;
  std::vector<fs::path> paths = models.paths();
  paths.emplace_back(POLYTAG_EXAMPLE_MODEL);
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBfloat16, Precision::kInt8);
  for (const fs::path& path : paths) {
    LoadOptions load;
    load.precision = precision;
    load.threads = 3;
    const Subject subject(path, load);
    ThreadPool shared(4);  // lent by several callers at once
    std::atomic<std::size_t> classifying{kClassifyingThreads};
    const std::size_t wrong = count_wrong(kClassifyingThreads + 2, [&](std::size_t thread) {
      if (thread >= kClassifyingThreads) {
        do {
          const auto other = load_classifier(paths[thread % paths.size()], load);
          if (other->scores("word").scores.empty()) return false;
        } while (classifying > 0);
        return true;
      }
      const Leaving leaving{classifying};
      std::mt19937 random(static_cast<std::uint32_t>(thread));
      std::size_t unequal = 0;
      for (int round = 0; round < kRounds; ++round) {
        if (!call(subject, random, shared)) ++unequal;
      }
      return unequal == 0;
    });
    INFO(path.filename().string() << ", " << to_string(precision));
    CHECK(wrong == 0);
  }
}

TEST_CASE("concurrency: a model is freed by whoever lets go of it last", "[properties][threads]") {
  const test::SmallModels models;
  const fs::path path = models.paths().front();
  std::shared_ptr<const MultiLabelClassifier> model = load_classifier(path);
  const auto expected = model->scores("word words");
  std::vector<std::shared_ptr<const MultiLabelClassifier>> shares(8, model);
  model.reset();
  CHECK(count_wrong(shares.size(), [&](std::size_t thread) {
          const auto mine = std::move(shares[thread]);
          return mine->scores("word words") == expected;
        }) == 0);
}
