#pragma once

#include <cstddef>

#include "polytag/nn/linear.hpp"

namespace polytag {

struct Conv1dParameters {
  LinearParameters filters;  ///< weight [filters, width, in], which reads width rows as one
  std::size_t width;
};

/// Declares `weight` [filters, width, in] and `bias` [filters].
inline Conv1dParameters declare_conv1d(const ParameterList::Scope& scope, std::size_t in,
                                       std::size_t width, std::size_t filters) {
  const ParameterId weight = scope.add(
      "weight", {filters, width, in},
      {.quantized_columns = {width * in}, .initialiser = Initialiser::kNormal, .decays = true});
  return {{weight, scope.add("bias", {filters}), width * in, filters}, width};
}

/// Convolution over time without padding (Kim 2014): output row t is the filters' response to input
/// rows t to t + width - 1. As the rows of a window lie one after the other in memory, it is a
/// linear layer on overlapping rows.
template <KernelBackend Backend>
class Conv1d {
 public:
  Conv1d(const Conv1dParameters& parameters, const Weights& weights, Precision precision)
      : linear_(pack_linear<Backend>(parameters.filters, weights, precision)),
        width_(parameters.width) {}

  std::size_t width() const noexcept { return width_; }
  std::size_t filters() const noexcept { return linear_.out_features(); }

  /// @param input   [rows, in], at least width rows, without gaps between them (stride == columns)
  /// @param output  [rows - width + 1, filters]
  void forward(MatrixView<const float> input, MatrixView<float> output,
               const ExecutionContext& context) const {
    const MatrixView<const float> windows(input.data, input.rows - width_ + 1,
                                          linear_.in_features(), input.columns);
    linear_.apply(windows, output, {}, context);
  }

 private:
  typename Backend::PackedLinear linear_;  // [width * in] -> [filters]
  std::size_t width_;
};

}  // namespace polytag
