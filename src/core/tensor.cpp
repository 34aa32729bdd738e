#include "polytag/core/tensor.hpp"

#include <algorithm>

#include "polytag/error.hpp"

namespace polytag {

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::size_t dimension : shape) {
    if (dimension != 0 && count > static_cast<std::size_t>(-1) / dimension) {
      throw ShapeError::mismatch("", "shape " + to_string(shape),
                                 "a product of dimensions that fits", "an overflow");
    }
    count *= dimension;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

Tensor Tensor::clone() const {
  Tensor copy(shape_);
  std::ranges::copy(span(), copy.span().begin());
  return copy;
}

}  // namespace polytag
