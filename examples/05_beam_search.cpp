// Beam search over a model of your own: here one that spells colours from a table of how often a
// letter follows a letter. polytag asks it for the logits of all open sequences at once.

#include <cmath>
#include <iomanip>
#include <iostream>
#include <map>
#include <polytag/decoding/beam_search.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kLetters = "$abcdefghijklmnopqrstuvwxyz";  // '$' ends a word

/// Letters follow each other as in these words. What a sequence has been so far is its state: a
/// network would keep the rows of its hidden states instead, and gather them the same way.
class Speller {
 public:
  Speller() {
    for (const std::string word : {"red", "green", "grey", "blue", "black", "brown", "orange"}) {
      std::string before = "$";
      for (const char letter : word + "$") {
        counts_[before.back()][letter] += 1;
        before += letter;
      }
    }
  }

  /// One state per word to spell: the letters that it must begin with.
  explicit Speller(std::vector<std::string> beginnings) : Speller() {
    states_ = std::move(beginnings);
  }

  void operator()(const polytag::DecodingStep& step, polytag::MatrixView<float> logits) {
    std::vector<std::string> next;
    for (std::size_t row = 0; row < step.parents.size(); ++row) {
      next.push_back(states_[step.parents[row]]);  // the state that this row continues
      if (step.last_ids[row] != 0) next.back() += kLetters[step.last_ids[row]];
      const char last = next.back().empty() ? '$' : next.back().back();
      for (std::size_t id = 0; id < kLetters.size(); ++id) {
        const auto counts = counts_.find(last);
        const auto count = counts->second.find(kLetters[id]);
        logits.row(row)[id] = std::log(count == counts->second.end() ? 1e-3F : count->second);
      }
    }
    states_ = std::move(next);
  }

 private:
  std::map<char, std::map<char, float>> counts_;
  std::vector<std::string> states_;
};

}  // namespace

int main() {
  polytag::BeamSearchOptions options;
  options.vocabulary_size = kLetters.size();
  options.start_id = options.end_id = 0;
  options.maximum_length = 8;
  options.beam_width = 6;
  options.n_best = 3;  // the search ends as soon as these are certain

  const std::vector<std::string> beginnings{"b", "gr"};
  const auto results = polytag::beam_search(beginnings.size(), options, Speller(beginnings));
  for (std::size_t text = 0; text < results.size(); ++text) {
    for (const polytag::DecodedSequence& found : results[text].sequences) {
      std::cout << beginnings[text] << '|';
      for (const std::size_t id : found.ids) std::cout << kLetters[id];
      std::cout << ' ' << std::fixed << std::setprecision(3) << found.log_probability << '\n';
    }
    std::cout << "after " << results[text].steps.size() << " steps\n";
  }
}
