#include "measure/interleaved_rounds.hpp"

#include <algorithm>
#include <chrono>

namespace polytag {

namespace {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double seconds_of(const auto& work) {
  const Stopwatch watch;
  work();
  return watch.seconds();
}

ClassifyOptions options_of(const Candidate& candidate, const RoundsOptions& options) {
  ClassifyOptions classify = options.classify;
  classify.executor = &candidate.executor;
  return classify;
}

/// The cost of a text in a call of its own. The first call, which also warms caches up, counts only
/// where there is no time for a second one.
double seconds_per_text(const Candidate& candidate, std::span<const TextInput> texts,
                        const RoundsOptions& options, double budget) {
  const ClassifyOptions classify = options_of(candidate, options);
  const auto run = [&](const TextInput& text) {
    return seconds_of([&] { candidate.classifier.classify(text, classify); });
  };
  const double first = run(texts.front());
  double sum = 0;
  std::size_t calls = 0;
  for (; calls < texts.size() && first + sum < budget; ++calls) sum += run(texts[calls]);
  return calls == 0 ? first : sum / static_cast<double>(calls);
}

void measure(const Candidate& candidate, std::span<const TextInput> texts,
             const RoundsOptions& options, Timings& timings) {
  const ClassifyOptions classify = options_of(candidate, options);
  for (const TextInput& text : texts) {
    timings.calls.push_back(seconds_of([&] { candidate.classifier.classify(text, classify); }));
  }
  timings.passes.push_back(seconds_of([&] { candidate.classifier.classify(texts, classify); }));
}

}  // namespace

std::size_t affordable_texts(std::span<const Candidate> candidates,
                             std::span<const TextInput> texts, const RoundsOptions& options) {
  constexpr double kRounds = 5;            // enough for a median
  constexpr double kShareToFindOut = 0.1;  // of the time
  const double budget = options.seconds * kShareToFindOut / static_cast<double>(candidates.size());
  double cost = 0;  // of a text in a round: alone, and at most as much again among all
  for (const Candidate& candidate : candidates) {
    cost += 2 * seconds_per_text(candidate, texts, options, budget);
  }
  const double affordable = options.seconds / (kRounds * cost);
  if (affordable >= static_cast<double>(texts.size())) return texts.size();
  return std::max<std::size_t>(1, static_cast<std::size_t>(affordable));
}

std::vector<Timings> measure_in_rounds(std::span<const Candidate> candidates,
                                       std::span<const TextInput> texts,
                                       const RoundsOptions& options) {
  for (const Candidate& candidate : candidates) {
    candidate.classifier.classify(texts, options_of(candidate, options));
  }
  std::vector<Timings> timings(candidates.size());
  const Stopwatch watch;
  std::size_t rounds = 0;
  double slowest_round = 0;
  do {
    slowest_round =
        std::max(slowest_round, seconds_of([&] {
                   for (std::size_t turn = 0; turn < candidates.size(); ++turn) {
                     // Rotate the order each round, so that no candidate always runs on
                     // the cache or clock state that its predecessor left.
                     const std::size_t index = (rounds + turn) % candidates.size();
                     measure(candidates[index], texts, options, timings[index]);
                     options.progress((rounds * candidates.size() + turn + 1) * texts.size(),
                                      watch.seconds());
                   }
                 }));
    ++rounds;
  } while (watch.seconds() + slowest_round <= options.seconds);
  return timings;
}

}  // namespace polytag
