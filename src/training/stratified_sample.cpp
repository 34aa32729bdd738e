#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>

#include "polytag/error.hpp"
#include "polytag/training/labelled_texts.hpp"
#include "training/random.hpp"

namespace polytag::training {

namespace {

/// Deals texts out to two sets, each text to the one that needs its rarest label more.
class Stratification {
 public:
  Stratification(std::span<const LabelledText> texts, std::size_t labels, double share,
                 std::uint64_t seed)
      : texts_(texts), chosen_(texts.size(), false), dealt_(texts.size(), false) {
    for (std::size_t i = 0; i < texts.size(); ++i) keys_.push_back(key(seed, i));
    order_.resize(texts.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return keys_[a] < keys_[b]; });
    left_ = label_counts(texts, labels);
    of_label_.resize(labels);
    for (const std::size_t text : order_) {
      for (const std::size_t label : texts[text].labels) of_label_[label].push_back(text);
    }
    for (std::size_t label = 0; label < labels; ++label) {
      const auto count = static_cast<double>(left_[label]);
      wanted_.push_back({count * (1 - share), count * share});
    }
    const auto count = static_cast<double>(texts.size());
    wanted_texts_ = {count * (1 - share), count * share};
  }

  std::vector<std::size_t> sample() {
    while (const auto label = rarest()) {
      for (const std::size_t text : of_label_[*label]) {
        if (!dealt_[text]) deal(text, wanted_[*label]);
      }
    }
    for (const std::size_t text : order_) {
      if (!dealt_[text]) deal(text, wanted_texts_);
    }
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (chosen_[i]) places.push_back(i);
    }
    if (places.empty()) places.push_back(order_.front());
    if (places.size() == texts_.size()) places.pop_back();
    return places;
  }

 private:
  using Wanted = std::array<double, 2>;  // by the training and the development set

  static std::uint64_t key(std::uint64_t seed, std::size_t text) {
    return random_number(seed, RandomStream::kSplit, 0, text);
  }

  /// The label with the fewest texts that are not dealt out yet.
  std::optional<std::size_t> rarest() const {
    std::optional<std::size_t> best;
    for (std::size_t label = 0; label < left_.size(); ++label) {
      if (left_[label] > 0 && (!best || left_[label] < left_[*best])) best = label;
    }
    return best;
  }

  void deal(std::size_t text, const Wanted& wanted) {
    std::size_t set = wanted[1] > wanted[0] ? 1 : 0;
    if (wanted[0] == wanted[1]) set = wanted_texts_[1] > wanted_texts_[0] ? 1 : 0;
    dealt_[text] = true;
    chosen_[text] = set == 1;
    wanted_texts_[set] -= 1;
    for (const std::size_t label : texts_[text].labels) {
      wanted_[label][set] -= 1;
      --left_[label];
    }
  }

  std::span<const LabelledText> texts_;
  std::vector<bool> chosen_, dealt_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::size_t> order_;  // random
  std::vector<std::size_t> left_;   // [labels], texts that are not dealt out yet
  std::vector<std::vector<std::size_t>> of_label_;
  std::vector<Wanted> wanted_;
  Wanted wanted_texts_{};
};

}  // namespace

std::vector<std::size_t> stratified_sample(std::span<const LabelledText> texts, std::size_t labels,
                                           double share, std::uint64_t seed) {
  if (texts.size() < 2) {
    throw ArgumentError::mismatch("texts", "at least 2, to set some of them apart",
                                  std::to_string(texts.size()));
  }
  if (!(share > 0 && share < 1)) {
    throw ArgumentError::mismatch("share of the development set", "between 0 and 1",
                                  std::to_string(share));
  }
  return Stratification(texts, labels, share, seed).sample();
}

}  // namespace polytag::training
