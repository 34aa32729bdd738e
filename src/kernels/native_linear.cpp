#include <algorithm>
#include <cstring>
#include <string>

#include "kernels/kernel_table.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

namespace {

using kernels::kPanelWidth;
using kernels::panel_count;

/// [out, in] to [out / 16][in][16], zeros beyond out.
AlignedBuffer<std::byte> pack_float32(MatrixView<const float> weight) {
  const std::size_t panels = panel_count(weight.rows);
  AlignedBuffer<std::byte> packed(panels * kPanelWidth * weight.columns * sizeof(float));
  auto* to = reinterpret_cast<float*>(packed.data());
  for (std::size_t first = 0; first < weight.rows; first += kPanelWidth) {
    const std::size_t rows = std::min(kPanelWidth, weight.rows - first);
    for (std::size_t in = 0; in < weight.columns; ++in) {
      for (std::size_t row = 0; row < rows; ++row) *to++ = weight.row(first + row)[in];
      for (std::size_t row = rows; row < kPanelWidth; ++row) *to++ = 0.0F;
    }
  }
  return packed;
}

AlignedBuffer<std::byte> pack(MatrixView<const float> weight, Precision precision) {
  switch (precision) {
    case Precision::kFloat32:
    case Precision::kBfloat16:
    case Precision::kInt8:
      return pack_float32(weight);
    case Precision::kAuto:
      break;
  }
  throw ArgumentError::mismatch("precision", "a resolved precision", to_string(precision));
}

AlignedBuffer<float> pack_bias(std::span<const float> bias, std::size_t out_features) {
  if (!bias.empty() && bias.size() != out_features) {
    throw ShapeError::mismatch("", "bias", std::to_string(out_features) + " elements",
                               std::to_string(bias.size()));
  }
  AlignedBuffer<float> packed(panel_count(out_features) * kPanelWidth);
  std::ranges::fill(packed.span(), 0.0F);
  std::ranges::copy(bias, packed.data());
  return packed;
}

void expect_shape(std::string_view name, std::size_t rows, std::size_t columns,
                  MatrixView<const float> found) {
  if (found.rows == rows && found.columns == columns) return;
  throw ShapeError::mismatch("", name, to_string(Shape{rows, columns}),
                             to_string(Shape{found.rows, found.columns}));
}

/// How a product is shared out: by rows where there are many, so that each thread keeps its rows in
/// its own cache, and by panels where there are few, so that the weights are read once by all.
struct Partition {
  std::size_t tasks;
  bool by_rows;
};

Partition partition(std::size_t rows, std::size_t panels, std::size_t in_features,
                    const ExecutionContext& context) {
  constexpr std::size_t kLeastWork = std::size_t{1} << 16;  // multiply-adds worth a thread's waking
  constexpr std::size_t kManyRows = 64;                     // per thread
  const std::size_t work = rows * panels * kPanelWidth * in_features;
  const std::size_t threads =
      std::min(context.executor.concurrency(), std::max<std::size_t>(1, work / kLeastWork));
  if (rows >= threads * kManyRows) return {threads, true};
  return {std::min(threads, panels), false};
}

}  // namespace

NativeBackend::PackedLinear::PackedLinear(MatrixView<const float> weight,
                                          std::span<const float> bias, Precision precision)
    : in_features_(weight.columns),
      out_features_(weight.rows),
      precision_(precision),
      weights_(pack(weight, precision)),
      bias_(pack_bias(bias, weight.rows)) {}

void NativeBackend::PackedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                                        const LinearEpilogue& epilogue,
                                        const ExecutionContext& context) const {
  expect_shape("input", input.rows, in_features_, input);
  expect_shape("output", input.rows, out_features_, output);
  const MatrixView<const float> residual = epilogue.residual;
  if (residual.data != nullptr) expect_shape("residual", input.rows, out_features_, residual);
  if (input.rows == 0 || out_features_ == 0) return;

  const kernels::KernelTable& table = kernels::kernel_table(context.instruction_set);
  const std::size_t panels = panel_count(out_features_);
  const auto [tasks, by_rows] = partition(input.rows, panels, in_features_, context);
  parallel_for(context, tasks, [&, tasks = tasks, by_rows = by_rows](std::size_t index) {
    const WorkRange rows = by_rows ? work_range(input.rows, tasks, index, kernels::kMostTileRows)
                                   : WorkRange{0, input.rows};
    const WorkRange columns = by_rows ? WorkRange{0, panels} : work_range(panels, tasks, index);
    if (rows.begin == rows.end) return;
    table.linear_float32({
        .input = input.data + rows.begin * input.stride,
        .input_stride = input.stride,
        .weights = weights_.data(),
        .bias = bias_.data(),
        .residual =
            residual.data == nullptr ? nullptr : residual.data + rows.begin * residual.stride,
        .residual_stride = residual.stride,
        .output = output.data + rows.begin * output.stride,
        .output_stride = output.stride,
        .rows = rows.end - rows.begin,
        .in_features = in_features_,
        .out_features = out_features_,
        .first_panel = columns.begin,
        .last_panel = columns.end,
        .activation = epilogue.activation,
    });
  });
}

}  // namespace polytag
