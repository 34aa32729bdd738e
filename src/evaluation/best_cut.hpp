#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace polytag {

/// One score of a labelled text.
struct RankedScore {
  float score;
  bool relevant;  ///< whether the text has the label
  std::uint32_t text;
  std::uint32_t label;
};

/// A threshold and what an objective says of it.
struct Cut {
  float threshold;
  double value;
};

/// A threshold t with below < t <= above: `anchor` if it is one, else midway.
inline float cut_between(float below, float above, float anchor) {
  if (below < anchor && anchor <= above) return anchor;
  const float middle = below + (above - below) / 2;
  return below < middle ? middle : above;
}

/// The threshold whose choice an objective values most; of equal ones the nearest to `anchor`.
///
/// @param ranked     falling scores
/// @param objective  objective.add(item) chooses one more item, objective.value() judges the
///                   choice; at the end all items are chosen
template <class Objective>
Cut best_cut(std::span<const RankedScore> ranked, float anchor, Objective& objective) {
  std::optional<Cut> best;
  const auto consider = [&](float threshold) {
    const double value = objective.value();
    const bool better =
        !best || value > best->value ||
        (value == best->value && std::abs(threshold - anchor) < std::abs(best->threshold - anchor));
    if (better) best = Cut{threshold, value};
  };
  if (ranked.empty()) return {anchor, objective.value()};
  if (ranked.front().score < 1.0F) consider(cut_between(ranked.front().score, 1.0F, anchor));
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    objective.add(ranked[i]);
    if (i + 1 == ranked.size()) {
      consider(anchor <= ranked[i].score ? anchor : ranked[i].score / 2);
    } else if (ranked[i + 1].score < ranked[i].score) {
      consider(cut_between(ranked[i + 1].score, ranked[i].score, anchor));
    }
  }
  return *best;
}

}  // namespace polytag
