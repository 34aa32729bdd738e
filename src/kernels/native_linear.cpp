#include <algorithm>
#include <cstdint>
#include <utility>

#include "kernels/kernel_table.hpp"
#include "kernels/linear_shapes.hpp"
#include "kernels/native_packing.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

using kernels::kPanelWidth;
using kernels::panel_count;

namespace {

/// Bytes of a weight.
std::size_t weight_size(Precision precision) {
  switch (precision) {
    case Precision::kFloat32:
      return sizeof(float);
    case Precision::kBfloat16:
      return sizeof(std::uint16_t);
    case Precision::kInt8:
      return sizeof(std::uint8_t);
    case Precision::kAuto:
      break;
  }
  throw ArgumentError::mismatch("precision", "a resolved precision", to_string(precision));
}

/// Bytes of an input number that is converted for the product.
std::size_t input_size(const kernels::KernelTable& table, Precision precision) {
  return precision == Precision::kBfloat16 ? table.bfloat16_input_size : table.int8_input_size;
}

/// How a product is shared out: by rows where there are many, so that each thread keeps its rows in
/// its own cache, and by panels where there are few, so that the weights are read once by all.
struct Partition {
  std::size_t tasks;
  bool by_rows;
};

Partition partition(std::size_t rows, std::size_t in_features, std::size_t panels,
                    Precision precision, const ExecutionContext& context) {
  // Reading a weight from beyond the L2 cache takes about as long as multiplying it by 16 rows, in
  // every precision. Waking a thread pays from about 4 microseconds of both on.
  constexpr std::size_t kReading = 16;
  constexpr std::size_t kLeastWork = std::size_t{1} << 21;
  const std::size_t weight_bytes = panels * kPanelWidth * in_features * weight_size(precision);
  const std::size_t work = weight_bytes * (rows + kReading);
  const std::size_t threads =
      std::min(context.executor.concurrency(), std::max<std::size_t>(1, work / kLeastWork));
  // The products of so many rows a thread take longer than reading all weights.
  const std::size_t many_rows = kReading * weight_size(precision);
  if (rows >= threads * many_rows) return {threads, true};
  return {std::min(threads, panels), false};
}

std::size_t scratch_bytes(const kernels::KernelTable& table, std::size_t rows,
                          std::size_t in_features, Precision precision) {
  if (precision == Precision::kFloat32) return 0;
  const std::size_t size = input_size(table, precision);
  const std::size_t padded_rows = kernels::padded_input_rows(rows);
  const std::size_t elements = padded_rows * kernels::padded_input_features(in_features, size);
  const std::size_t scales = rows * (sizeof(float) + sizeof(std::int32_t));  // and zeros
  return (elements * size + scales + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

/// One call of apply().
struct NativeBackend::PackedLinear::Job {
  const kernels::KernelTable& table;
  MatrixView<const float> input;
  MatrixView<float> output;
  const LinearEpilogue& epilogue;
};

NativeBackend::PackedLinear::PackedLinear(MatrixView<const float> weight,
                                          std::span<const float> bias, Precision precision)
    : in_features_(weight.columns), out_features_(weight.rows), precision_(precision) {
  kernels::check_bias(bias, weight.rows);
  bias_ = kernels::pack_vector(bias, weight.rows);
  switch (precision) {
    case Precision::kFloat32:
      weights_ = kernels::pack_float32(weight);
      return;
    case Precision::kBfloat16:
      weights_ = kernels::pack_bfloat16(weight);
      return;
    case Precision::kInt8: {
      kernels::Int8Panels panels = kernels::pack_int8(weight);
      weights_ = std::move(panels.weights);
      weight_scales_ = std::move(panels.scales);
      weight_sums_ = std::move(panels.sums);
      return;
    }
    case Precision::kAuto:
      break;
  }
  throw ArgumentError::mismatch("precision", "a resolved precision", to_string(precision));
}

void NativeBackend::PackedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                                        const LinearEpilogue& epilogue,
                                        const ExecutionContext& context) const {
  kernels::check_linear_shapes(in_features_, out_features_, input, output, epilogue);
  if (input.rows == 0 || output.columns == 0) return;
  const std::size_t panels = panel_count(output.columns);
  const auto [tasks, by_rows] = partition(input.rows, in_features_, panels, precision_, context);

  // A task converts the rows that it multiplies itself: where tasks share rows they are so few that
  // a second parallel region would cost more than doing it twice.
  const std::size_t task_rows =
      by_rows ? (input.rows + tasks - 1) / tasks + kernels::kInputRowGranule : input.rows;
  const kernels::KernelTable& table = kernels::kernel_table(context.instruction_set);
  const std::size_t task_bytes = scratch_bytes(table, task_rows, in_features_, precision_);
  const Workspace::Scope scope(context.workspace);
  std::byte* const scratch = context.workspace.allocate<std::byte>(tasks * task_bytes).data();

  const Job job{table, input, output, epilogue};
  const auto run = [&, count = tasks, split_rows = by_rows](std::size_t index) {
    const WorkRange all_rows{0, input.rows};
    const WorkRange all_panels{0, panels};
    multiply(
        job,
        split_rows ? work_range(input.rows, count, index, kernels::kInputRowGranule) : all_rows,
        split_rows ? all_panels : work_range(panels, count, index), scratch + index * task_bytes);
  };
  parallel_for(context, tasks, run);
}

void NativeBackend::PackedLinear::multiply(const Job& job, WorkRange rows, WorkRange panels,
                                           std::byte* scratch) const {
  const std::size_t count = rows.end - rows.begin;
  if (count == 0 || panels.begin == panels.end) return;
  const MatrixView<const float> input = job.input.row_range(rows.begin, count);
  const MatrixView<float> output = job.output.row_range(rows.begin, count);
  const MatrixView<const float> residual = job.epilogue.residual;
  kernels::LinearTask task{
      .input = input.data,
      .input_stride = input.stride,
      .weights = weights_.data(),
      .bias = bias_.data(),
      .input_scales = nullptr,
      .input_zeros = nullptr,
      .weight_scales = weight_scales_.data(),
      .weight_sums = weight_sums_.data(),
      .residual = residual.data == nullptr ? nullptr : residual.row(rows.begin).data(),
      .residual_stride = residual.stride,
      .output = output.data,
      .output_stride = output.stride,
      .rows = count,
      .in_features = in_features_,
      .out_features = output.columns,
      .first_panel = panels.begin,
      .last_panel = panels.end,
      .activation = job.epilogue.activation,
  };
  if (precision_ == Precision::kFloat32) return job.table.linear_float32(task);

  const std::size_t size = input_size(job.table, precision_);
  task.input = scratch;
  task.input_stride = kernels::padded_input_features(in_features_, size);
  const std::size_t row_bytes = task.input_stride * size;
  if (precision_ == Precision::kBfloat16) {
    for (std::size_t row = 0; row < count; ++row) {
      job.table.round_row(input.row(row).data(), in_features_, scratch + row * row_bytes);
    }
    return job.table.linear_bfloat16(task);
  }
  auto* const scales =
      reinterpret_cast<float*>(scratch + kernels::padded_input_rows(count) * row_bytes);
  auto* const zeros = reinterpret_cast<std::int32_t*>(scales + count);
  for (std::size_t row = 0; row < count; ++row) {
    const auto [scale, zero] =
        job.table.quantize_row(input.row(row).data(), in_features_, scratch + row * row_bytes);
    scales[row] = scale;
    zeros[row] = zero;
  }
  task.input_scales = scales;
  task.input_zeros = zeros;
  job.table.linear_int8(task);
}

}  // namespace polytag
