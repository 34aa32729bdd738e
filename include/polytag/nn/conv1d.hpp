#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/kernels/backend.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Convolution over time without padding (Kim 2014): output row t is what the filters make of input
/// rows t to t + width - 1. As the rows of a window lie one after the other in memory, it is a
/// linear layer on overlapping rows.
template <KernelBackend Backend>
class Conv1d {
 public:
  /// weight [filters, width, in], bias [filters]
  static std::vector<ParameterSpec> parameters(std::string_view name, std::size_t in,
                                               std::size_t width, std::size_t filters) {
    const std::string base(name);
    return {{base + ".weight", {filters, width, in}, {width * in}}, {base + ".bias", {filters}}};
  }

  Conv1d(const WeightSource& weights, std::string_view name, std::size_t in, std::size_t width,
         std::size_t filters, Precision precision)
      : linear_(load(weights, parameters(name, in, width, filters), precision)), width_(width) {}

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
  static typename Backend::PackedLinear load(const WeightSource& weights,
                                             const std::vector<ParameterSpec>& specs,
                                             Precision precision) {
    const Tensor weight = weights.read(specs[0]);
    const Tensor bias = weights.read(specs[1]);
    return {weight.matrix(), bias.span(), precision};
  }

  typename Backend::PackedLinear linear_;  // [width * in] -> [filters]
  std::size_t width_;
};

}  // namespace polytag
