#include "polytag/kernels/native_backend.hpp"

#include <algorithm>

#include "kernels/kernel_table.hpp"

namespace polytag {

namespace {

/// Runs visit(row) for all rows, on several threads where each gets enough elements to be worth it.
template <class Visit>
void for_each_row(std::size_t rows, std::size_t columns, const ExecutionContext& context,
                  const Visit& visit) {
  constexpr std::size_t kLeastElements = 16384;
  const std::size_t worthwhile = std::max<std::size_t>(1, rows * columns / kLeastElements);
  const std::size_t tasks = std::min({context.executor.concurrency(), worthwhile, rows});
  parallel_for(context, tasks, [&, tasks](std::size_t index) {
    const auto [begin, end] = work_range(rows, tasks, index);
    for (std::size_t row = begin; row < end; ++row) visit(row);
  });
}

}  // namespace

void NativeBackend::layer_norm(MatrixView<const float> input, std::span<const float> gamma,
                               std::span<const float> beta, float epsilon, MatrixView<float> output,
                               const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).layer_norm;
  for_each_row(input.rows, input.columns, context, [&](std::size_t row) {
    kernel(input.row(row).data(), gamma.data(), beta.data(), epsilon, output.row(row).data(),
           input.columns);
  });
}

void NativeBackend::softmax_rows(MatrixView<float> scores, const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).softmax;
  for_each_row(scores.rows, scores.columns, context,
               [&](std::size_t row) { kernel(scores.row(row).data(), scores.columns); });
}

void NativeBackend::activate(Activation activation, MatrixView<float> values,
                             const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).activate;
  for_each_row(values.rows, values.columns, context, [&](std::size_t row) {
    kernel(activation, values.row(row).data(), values.columns);
  });
}

void NativeBackend::gate(Activation activation, MatrixView<const float> input,
                         MatrixView<float> output, const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).gate;
  for_each_row(output.rows, input.columns, context, [&](std::size_t row) {
    const float* const values = input.row(row).data();
    kernel(activation, values, values + output.columns, output.row(row).data(), output.columns);
  });
}

void NativeBackend::rotate(const RotationInput& rotation, MatrixView<float> output,
                           const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).rotate;
  const std::size_t half = rotation.cosines.columns;
  for (std::size_t i = 0; i + 1 < rotation.sequence_starts.size(); ++i) {
    const std::size_t start = rotation.sequence_starts[i];
    const std::size_t rows = rotation.sequence_starts[i + 1] - start;
    for_each_row(rows, output.columns, context, [&](std::size_t place) {
      const float* const cosines = rotation.cosines.row(place).data();
      const float* const sines = rotation.sines.row(place).data();
      const std::span<const float> from = rotation.rows.row(start + place);
      const std::span<float> to = output.row(start + place);
      for (std::size_t column = 0; column < output.columns; column += 2 * half) {
        kernel(from.data() + column, cosines, sines, to.data() + column, half);
      }
    });
  }
}

void NativeBackend::lstm_cell(const LstmCellInput& step, const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).lstm_cell;
  for_each_row(step.hidden.rows, step.gates.columns, context, [&](std::size_t row) {
    kernel(step.gates.row(row).data(), step.cell_state.row(row).data(), step.hidden.row(row).data(),
           step.forget_bias, step.hidden.columns);
  });
}

void NativeBackend::additive_scores(const AdditiveScoresInput& attention,
                                    const ExecutionContext& context) {
  const auto kernel = kernels::kernel_table(context.instruction_set).additive_score;
  for_each_row(attention.keys.rows, attention.keys.columns, context, [&](std::size_t row) {
    attention.scores[row] = kernel(attention.keys.row(row).data(), attention.query.data(),
                                   attention.v.data(), attention.keys.columns);
  });
}

}  // namespace polytag
