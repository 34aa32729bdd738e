#include "kernels/linear_shapes.hpp"

#include <algorithm>
#include <string_view>

#include "polytag/error.hpp"

namespace polytag::kernels {

namespace {

void check(std::string_view name, MatrixView<const float> matrix, std::size_t rows,
           std::size_t columns) {
  if (matrix.rows == rows && matrix.columns == columns) return;
  throw ShapeError::mismatch("", name, to_string(Shape{rows, columns}),
                             to_string(Shape{matrix.rows, matrix.columns}));
}

}  // namespace

void check_bias(std::span<const float> bias, std::size_t out_features) {
  if (bias.empty() || bias.size() == out_features) return;
  throw ShapeError::mismatch("", "bias", to_string(Shape{out_features}),
                             to_string(Shape{bias.size()}));
}

void check_linear_shapes(std::size_t in_features, std::size_t out_features,
                         MatrixView<const float> input, MatrixView<const float> output,
                         const LinearEpilogue& epilogue) {
  check("input of a linear layer", input, input.rows, in_features);
  const std::size_t columns =
      epilogue.leading_features ? std::min(output.columns, out_features) : out_features;
  check("output of a linear layer", output, input.rows, columns);
  if (epilogue.residual.data != nullptr) {
    check("residual of a linear layer", epilogue.residual, input.rows, columns);
  }
}

void check_weight_gradient_shapes(const WeightGradientInput& input) {
  check("output gradient of a linear layer", input.output_gradient, input.input.rows,
        input.weight.rows);
  check("weight gradient of a linear layer", input.weight, input.output_gradient.columns,
        input.input.columns);
  check_bias(input.bias, input.output_gradient.columns);
}

}  // namespace polytag::kernels
