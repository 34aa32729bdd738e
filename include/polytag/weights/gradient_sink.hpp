#pragma once

#include <cstddef>
#include <span>

#include "polytag/core/tensor.hpp"
#include "polytag/weights/parameter_layout.hpp"

namespace polytag {

/// Where layers add the gradients of their parameters: a buffer of a layout. Borrows both.
class GradientSink {
 public:
  /// @param gradients  [layout.size()]
  GradientSink(const ParameterLayout& layout, std::span<float> gradients)
      : layout_(layout), gradients_(gradients) {}

  std::span<float> operator[](ParameterId id) const {
    return gradients_.subspan(layout_[id].offset, layout_[id].count);
  }
  /// @param rows, columns  multiply to the parameter's elements
  MatrixView<float> matrix(ParameterId id, std::size_t rows, std::size_t columns) const {
    return {(*this)[id].data(), rows, columns};
  }

 private:
  const ParameterLayout& layout_;
  std::span<float> gradients_;
};

}  // namespace polytag
