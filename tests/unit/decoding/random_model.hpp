#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "polytag/decoding/step_function.hpp"

/// A made-up language model: the logits of a sequence are a fixed function of its ids and of its
/// text's seed, so the state of a row is a hash of what came before.
struct RandomModel {
  /// @param granule  logits are multiples of it; a coarse one makes many equal logits
  RandomModel(std::vector<std::uint64_t> text_seeds, float granule_ = 0)
      : states(std::move(text_seeds)), granule(granule_) {}

  void operator()(const polytag::DecodingStep& step, polytag::MatrixView<float> logits) {
    std::vector<std::uint64_t> next(step.parents.size());
    for (std::size_t row = 0; row < next.size(); ++row) {
      next[row] = extended(states.at(step.parents[row]), step.last_ids[row]);
      for (std::size_t id = 0; id < logits.columns; ++id)
        logits.row(row)[id] = logit(next[row], id);
    }
    states = std::move(next);
    rows_stepped += states.size();
  }

  static std::uint64_t extended(std::uint64_t state, std::size_t id) {
    state = (state ^ (id + 1)) * 0x9E3779B97F4A7C15U;
    return state ^ (state >> 29U);
  }
  float logit(std::uint64_t state, std::size_t id) const {
    const float value = static_cast<float>(extended(state, 7919 * (id + 1)) >> 40U) * 0x1p-22F;
    return granule == 0 ? value : std::floor(value / granule) * granule;
  }

  std::vector<std::uint64_t> states;
  float granule;
  std::size_t rows_stepped = 0;
};
