// Eight threads classify while the models under them are loaded anew all the time. Every answer is
// compared with the one that a model gave at the start, and the memory has to stay what it was.
//
//   soak SECONDS
//
// Ends with 1 if an answer differed or the memory grew.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "support/small_models.hpp"

namespace {

using namespace polytag;
using Clock = std::chrono::steady_clock;
using Scores = std::vector<TextScores>;

constexpr std::size_t kThreads = 8;
/// Memory counts from here on: by then every thread has been in every model.
constexpr double kWarmUp = 0.2;  // of the time
/// How much of the memory the fitted line may gain from the end of the warm-up to the end. The
/// allocator's fragments come and go: in half an hour it lost 9 %.
constexpr double kMostGrowth = 0.05;
/// In less time the fragments are all there is to see.
constexpr double kLeastSecondsForMemory = 60;

std::vector<std::string> make_texts() {
  std::mt19937 random(3);
  const std::vector<std::string> words{"wheat", "dollar", "bank", "oil",   "rose", "yen",
                                       "word",  "words",  "中文", "gold!", "\xff", "naïve"};
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < 40; ++i) {
    std::string text;
    for (auto left = random() % (i % 8 == 0 ? 150 : 20); left > 0; --left) {
      text += words[random() % words.size()] + " ";
    }
    texts.push_back(text);
  }
  return texts;
}

/// A model that is replaced while it is used.
class Slot {
 public:
  Slot(std::filesystem::path directory, Precision precision, std::size_t threads,
       const std::vector<TextInput>& inputs)
      : directory_(std::move(directory)) {
    options_.precision = precision;
    options_.threads = threads;
    reload();
    for (const TextInput& input : inputs) expected_.push_back(current()->scores(input));
  }

  std::shared_ptr<const MultiLabelClassifier> current() const {
    const std::lock_guard lock(mutex_);
    return model_;
  }
  void reload() {
    std::shared_ptr<const MultiLabelClassifier> fresh = load_classifier(directory_, options_);
    const std::lock_guard lock(mutex_);
    model_.swap(fresh);
  }
  const Scores& expected() const { return expected_; }

 private:
  std::filesystem::path directory_;
  LoadOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const MultiLabelClassifier> model_;
  Scores expected_;  // of each text by itself
};

/// Fits a line to the samples of the resident memory.
class MemoryRecord {
 public:
  void sample(double seconds) {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    seconds_.push_back(seconds);
    mebibytes_.push_back(pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20));
  }
  double at(double fraction) const {
    return mebibytes_[static_cast<std::size_t>(fraction *
                                               static_cast<double>(mebibytes_.size() - 1))];
  }
  /// In MiB for each second, from a time on.
  double slope(double from) const {
    double n = 0;
    double t = 0;
    double m = 0;
    double tt = 0;
    double tm = 0;
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
      if (seconds_[i] < from) continue;
      n += 1;
      t += seconds_[i];
      m += mebibytes_[i];
      tt += seconds_[i] * seconds_[i];
      tm += seconds_[i] * mebibytes_[i];
    }
    const double spread = n * tt - t * t;
    return spread > 0 ? (n * tm - t * m) / spread : 0;
  }

 private:
  std::vector<double> seconds_;
  std::vector<double> mebibytes_;
};

class Soak {
 public:
  Soak() {
    const std::filesystem::path example(POLYTAG_EXAMPLE_MODEL);
    for (const Precision precision :
         {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
      slots_.push_back(std::make_unique<Slot>(example, precision, 1, inputs_));
      for (const auto& path : models_.paths()) {
        slots_.push_back(std::make_unique<Slot>(path, precision, 2, inputs_));
      }
    }
  }

  int run(double seconds) {
    const auto start = Clock::now();
    const auto elapsed = [&] {
      return std::chrono::duration<double>(Clock::now() - start).count();
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([this, i](const std::stop_token& stop) { classify(i, stop); });
      }
      threads.emplace_back([this](const std::stop_token& stop) { reload(stop); });
      for (; elapsed() < seconds && failures_ == 0;
           std::this_thread::sleep_for(std::chrono::milliseconds(200))) {
        memory_.sample(elapsed());
      }
    }
    return report(elapsed());
  }

 private:
  /// Single texts, all of them together, and calls that somebody cancels.
  void classify(std::size_t seed, const std::stop_token& stop) {
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    try {
      while (!stop.stop_requested()) {
        const Slot& slot = *slots_[random() % slots_.size()];
        const auto model = slot.current();
        switch (random() % 4) {
          case 0:
            check(model->scores(inputs_) == slot.expected(), inputs_.size());
            break;
          case 1:
            cancelled(*model, slot);
            break;
          default: {
            const std::size_t text = random() % inputs_.size();
            check(model->scores(inputs_[text]) == slot.expected()[text], 1);
          }
        }
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "soak: %s\n", error.what());
      ++failures_;
    }
  }

  void cancelled(const MultiLabelClassifier& model, const Slot& slot) {
    std::stop_source source;
    ClassifyOptions options;
    options.stop = source.get_token();
    options.batch_tokens = 1;
    std::jthread canceller([&] { source.request_stop(); });
    try {
      check(model.scores(inputs_, options) == slot.expected(), inputs_.size());
    } catch (const CancelledError&) {
      ++cancelled_;
    }
  }

  void reload(const std::stop_token& stop) {
    try {
      for (std::size_t i = 0; !stop.stop_requested(); ++i) {
        slots_[i % slots_.size()]->reload();
        ++reloads_;
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "soak: %s\n", error.what());
      ++failures_;
    }
  }

  void check(bool equal, std::size_t answers) {
    answers_ += answers;
    if (!equal) ++failures_;
  }

  int report(double seconds) const {
    const double warm = kWarmUp * seconds;
    const double slope = memory_.slope(warm);
    const double growth = slope * (seconds - warm) / memory_.at(kWarmUp);
    const bool grown = seconds >= kLeastSecondsForMemory && growth > kMostGrowth;
    std::printf(
        "%.0f s, %zu threads, %zu models: %zu answers compared, %zu differed or failed, "
        "%zu calls cancelled, %zu reloads\n",
        seconds, kThreads, slots_.size(), answers_.load(), failures_.load(), cancelled_.load(),
        reloads_.load());
    std::printf(
        "resident memory: %.1f MiB at the start, %.1f after the warm-up, %.1f in the middle, %.1f "
        "at the end; "
        "slope after the warm-up %+.2f KiB/s, which is %+.2f %% of it until the end%s\n",
        memory_.at(0), memory_.at(kWarmUp), memory_.at(0.5), memory_.at(1), slope * 1024,
        growth * 100, grown ? ": it grew" : "");
    return failures_ == 0 && !grown ? EXIT_SUCCESS : EXIT_FAILURE;
  }

  std::vector<std::string> texts_ = make_texts();
  std::vector<TextInput> inputs_{texts_.begin(), texts_.end()};
  test::SmallModels models_;
  std::vector<std::unique_ptr<Slot>> slots_;
  MemoryRecord memory_;
  std::atomic<std::size_t> answers_{0};
  std::atomic<std::size_t> failures_{0};
  std::atomic<std::size_t> cancelled_{0};
  std::atomic<std::size_t> reloads_{0};
};

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc == 2 ? std::atof(argv[1]) : 0;
  if (seconds <= 0) {
    std::fprintf(stderr, "usage: soak SECONDS\n");
    return EXIT_FAILURE;
  }
  try {
    return Soak().run(seconds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
