#include "polytag/evaluation/ranking_metrics.hpp"

#include <algorithm>

#include "evaluation/label_indices.hpp"
#include "polytag/error.hpp"

namespace polytag {

RankingMetrics::RankingMetrics(std::size_t labels) : labels_(labels) { require_labels(labels); }

void RankingMetrics::add(std::span<const std::size_t> truth, std::span<const float> scores) {
  assign_label_set(truth, labels_, "true labels", truth_);
  require_scores(scores, labels_);
  ++samples_;
  if (truth_.empty()) {
    average_precision_.add(1);
  } else {
    rank(scores);
  }
}

void RankingMetrics::rank(std::span<const float> scores) {
  const std::size_t relevant = truth_.size();
  relevant_.clear();
  for (const std::size_t label : truth_) relevant_.push_back(scores[label]);
  std::sort(relevant_.begin(), relevant_.end());

  // A label that is not true reaches the k lowest of the true ones' scores.
  others_reaching_.assign(relevant + 1, 0);
  std::size_t wrong_pairs = 0;
  auto next_true = truth_.begin();
  for (std::size_t label = 0; label < labels_; ++label) {
    if (next_true != truth_.end() && *next_true == label) {
      ++next_true;
      continue;
    }
    const auto place = std::upper_bound(relevant_.begin(), relevant_.end(), scores[label]);
    const auto reached = static_cast<std::size_t>(place - relevant_.begin());
    ++others_reaching_[reached];
    wrong_pairs += reached;
  }

  // From the best true label down: how many true and other labels score at least as high.
  double precisions = 0;
  std::size_t others = 0;
  std::size_t tied = 0;
  for (std::size_t k = relevant; k-- > 0;) {
    others += others_reaching_[k + 1];
    const bool tie_continues = k > 0 && relevant_[k - 1] == relevant_[k];
    ++tied;
    if (tie_continues) continue;
    const auto at_least = static_cast<double>(relevant - k);
    precisions += static_cast<double>(tied) * at_least / (at_least + static_cast<double>(others));
    tied = 0;
  }
  coverage_.add(static_cast<double>(relevant + others));
  average_precision_.add(precisions / static_cast<double>(relevant));
  if (relevant < labels_) {
    loss_.add(static_cast<double>(wrong_pairs) /
              (static_cast<double>(relevant) * static_cast<double>(labels_ - relevant)));
  }
}

void RankingMetrics::merge(const RankingMetrics& other) {
  require_same_labels(labels_, other.labels_);
  samples_ += other.samples_;
  average_precision_.add(other.average_precision_);
  coverage_.add(other.coverage_);
  loss_.add(other.loss_);
}

RankingMeasures RankingMetrics::measures() const {
  if (samples_ == 0) throw ArgumentError::mismatch("samples", "at least 1", "0");
  const auto count = static_cast<double>(samples_);
  return {average_precision_.value() / count, coverage_.value() / count, loss_.value() / count};
}

}  // namespace polytag
