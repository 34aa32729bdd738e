#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernel_table.hpp"
#include "kernels/native_packing.hpp"
#include "unit/kernels/native_support.hpp"

/// Products of a kernel table that no CPU need be able to pick.
namespace polytag {

/// Rows converted for a product, in exactly the memory that a kernel may read, so that the address
/// sanitizer sees a tile that reads more. What nothing was written to is rubbish.
struct ConvertedRows {
  ConvertedRows(const kernels::KernelTable& table, MatrixView<const float> input,
                Precision precision) {
    const bool is_int8 = precision == Precision::kInt8;
    const std::size_t size = is_int8 ? table.int8_input_size : table.bfloat16_input_size;
    stride = kernels::padded_input_features(input.columns, size);
    bytes.assign(kernels::padded_input_rows(input.rows) * stride * size, std::byte{0xfe});
    scales.resize(input.rows);
    zeros.resize(input.rows);
    for (std::size_t row = 0; row < input.rows; ++row) {
      std::byte* const to = bytes.data() + row * stride * size;
      if (!is_int8) {
        table.round_row(input.row(row).data(), input.columns, to);
        continue;
      }
      const auto [scale, zero] = table.quantize_row(input.row(row).data(), input.columns, to);
      scales[row] = scale;
      zeros[row] = zero;
    }
  }
  std::size_t stride;  // numbers
  std::vector<std::byte> bytes;
  std::vector<float> scales;
  std::vector<std::int32_t> zeros;
};

/// A layer packed as NativeBackend packs it.
struct PackedLayer {
  PackedLayer(std::size_t in, std::size_t out)
      : weight(random_tensor(out, in, 2, 1.0F / std::sqrt(static_cast<float>(in)))),
        bias(kernels::pack_vector(random_tensor(1, out, 3).span(), out)),
        bfloat16(kernels::pack_bfloat16(weight.matrix())),
        int8(kernels::pack_int8(weight.matrix())) {}
  Tensor weight;
  AlignedBuffer<float> bias;
  AlignedBuffer<std::byte> bfloat16;
  kernels::Int8Panels int8;
};

inline Tensor multiplied(const kernels::KernelTable& table, const PackedLayer& layer,
                         MatrixView<const float> input, Precision precision,
                         Activation activation) {
  const std::size_t out = layer.weight.shape()[0];
  const ConvertedRows rows(table, input, precision);
  Tensor output(Shape{input.rows, out});
  kernels::LinearTask task{};
  task.input = rows.bytes.data();
  task.input_stride = rows.stride;
  task.bias = layer.bias.data();
  task.output = output.matrix().data;
  task.output_stride = out;
  task.rows = input.rows;
  task.in_features = input.columns;
  task.out_features = out;
  task.last_panel = kernels::panel_count(out);
  task.activation = activation;
  if (precision == Precision::kBfloat16) {
    task.weights = layer.bfloat16.data();
    table.linear_bfloat16(task);
  } else {
    task.input_scales = rows.scales.data();
    task.input_zeros = rows.zeros.data();
    task.weights = layer.int8.weights.data();
    task.weight_scales = layer.int8.scales.data();
    task.weight_sums = layer.int8.sums.data();
    table.linear_int8(task);
  }
  return output;
}

}  // namespace polytag
