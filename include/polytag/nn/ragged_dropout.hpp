#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "polytag/core/execution.hpp"
#include "polytag/kernels/dropout.hpp"

namespace polytag {

/// Dropout over the rows of a ragged batch of training. Borrows.
struct RaggedDropout {
  Dropout dropout;
  std::span<const std::size_t> row_starts;  ///< [texts + 1], from 0
  std::span<const std::uint32_t> places;    ///< [texts], each one's place in the whole batch

  bool is_active() const noexcept { return dropout.is_active(); }
  RaggedDropout at_site(std::uint32_t site) const {
    return {dropout.at_site(site), row_starts, places};
  }
  /// The dropout for a part of the texts, whose rows begin at 0.
  /// @param starts  [count + 1], from 0
  RaggedDropout texts(std::size_t begin, std::span<const std::size_t> starts) const {
    return {dropout, starts, is_active() ? places.subspan(begin, starts.size() - 1) : places};
  }

  /// Zeroes what is dropped and scales the rest. @param rows  all of them
  void apply(MatrixView<float> rows) const {
    if (!is_active()) return;
    for (std::size_t i = 0; i < places.size(); ++i) {
      dropout.apply(places[i], rows.row_range(row_starts[i], row_starts[i + 1] - row_starts[i]));
    }
  }
};

/// output = dropout(linear(input)) + residual. Without dropout, one pass.
template <class Linear>
void apply_with_residual(const Linear& linear, MatrixView<const float> input,
                         MatrixView<float> output, MatrixView<const float> residual,
                         const RaggedDropout& dropout, const ExecutionContext& context) {
  if (!dropout.is_active()) {
    linear.apply(input, output, {.residual = residual}, context);
    return;
  }
  linear.apply(input, output, {}, context);
  dropout.apply(output);
  for (std::size_t row = 0; row < output.rows; ++row) {
    std::ranges::transform(output.row(row), residual.row(row), output.row(row).begin(),
                           std::plus{});
  }
}

}  // namespace polytag
