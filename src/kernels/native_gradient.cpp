#include <algorithm>
#include <atomic>

#include "kernels/gradient_table.hpp"
#include "kernels/linear_shapes.hpp"
#include "kernels/native_packing.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

using kernels::gradient_table;

NativeBackend::PackedLinear NativeBackend::pack_transposed(MatrixView<const float> weight) {
  PackedLinear packed;
  packed.in_features_ = weight.rows;
  packed.out_features_ = weight.columns;
  packed.weights_ = kernels::pack_transposed_float32(weight);
  packed.bias_ = kernels::pack_vector({}, weight.columns);
  return packed;
}

void NativeBackend::add_weight_gradient(const WeightGradientInput& input,
                                        const ExecutionContext& context) {
  kernels::check_weight_gradient_shapes(input);
  const std::size_t in_features = input.input.columns;
  const std::size_t out_features = input.output_gradient.columns;
  if (input.input.rows == 0 || in_features == 0) return;
  // A thread takes whole output features, so that no sum is shared.
  const std::size_t tasks = std::clamp<std::size_t>(out_features / kernels::kFeatureBlock, 1,
                                                    context.executor.concurrency());
  const std::size_t scratch_size = kernels::weight_gradient_scratch(in_features);
  const Workspace::Scope scope(context.workspace);
  float* const scratch = context.workspace.allocate<float>(tasks * scratch_size).data();
  const auto kernel = gradient_table(context.instruction_set).weight_gradient;
  parallel_for(context, tasks, [&, tasks](std::size_t index) {
    const auto [begin, end] = work_range(out_features, tasks, index, kernels::kPanelWidth);
    if (begin == end) return;
    kernel({.input = input.input.data,
            .input_stride = input.input.stride,
            .output_gradient = input.output_gradient.data + begin,
            .output_gradient_stride = input.output_gradient.stride,
            .weight = input.weight.row(begin).data(),
            .weight_stride = input.weight.stride,
            .bias = input.bias.empty() ? nullptr : input.bias.data() + begin,
            .tokens = input.input.rows,
            .in_features = in_features,
            .out_features = end - begin,
            .scratch = scratch + index * scratch_size});
  });
}

void NativeBackend::layer_norm_gradient(const LayerNormGradientInput& input,
                                        const ExecutionContext& context) {
  const auto kernel = gradient_table(context.instruction_set).layer_norm_gradient;
  float* const beta = input.beta_gradient.empty() ? nullptr : input.beta_gradient.data();
  for (std::size_t row = 0; row < input.input.rows; ++row) {
    kernel(input.input.row(row).data(), input.gamma.data(), input.epsilon,
           input.gradient.row(row).data(), input.gamma_gradient.data(), beta, input.input.columns);
  }
}

void NativeBackend::self_attention_gradient(const AttentionGradientInput& input,
                                            const ExecutionContext& context) {
  const AttentionInput& forward = input.forward;
  const std::size_t batch = forward.attended_lengths.size();
  if (forward.query.rows == 0 || batch == 0) return;
  const std::size_t size = forward.query.columns / forward.num_heads;
  std::size_t scratch_size = 0;
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t rows = forward.query_starts[i + 1] - forward.query_starts[i];
    scratch_size = std::max(
        scratch_size, kernels::attention_gradient_scratch(rows, forward.attended_lengths[i], size));
  }
  const std::size_t tasks = batch * forward.num_heads;
  const std::size_t workers = std::min(tasks, context.executor.concurrency());
  const Workspace::Scope scope(context.workspace);
  float* const scratch = context.workspace.allocate<float>(workers * scratch_size).data();
  const auto kernel = gradient_table(context.instruction_set).attention_gradient;
  const Dropout none;
  std::atomic<std::size_t> next{0};
  parallel_for(context, workers, [&](std::size_t worker) {
    for (std::size_t i = next.fetch_add(1); i < tasks; i = next.fetch_add(1)) {
      const std::size_t sequence = i / forward.num_heads;
      const std::size_t head = i % forward.num_heads;
      const std::size_t first = forward.query_starts[sequence];
      const std::size_t rows = forward.query_starts[sequence + 1] - first;
      const std::size_t keys = forward.attended_lengths[sequence];
      const auto part = [&](auto matrix) {
        return matrix.row_range(first, rows).column_range(head * size, size);
      };
      const auto query_gradient = part(input.query_gradient);
      const auto key_gradient = part(input.key_gradient);
      const auto value_gradient = part(input.value_gradient);
      for (std::size_t row = keys; row < rows; ++row) {
        std::ranges::fill(key_gradient.row(row), 0.0F);
        std::ranges::fill(value_gradient.row(row), 0.0F);
      }
      if (keys == 0) {
        for (std::size_t row = 0; row < rows; ++row)
          std::ranges::fill(query_gradient.row(row), 0.0F);
        continue;
      }
      const bool drops = forward.dropout != nullptr;
      const kernels::HeadDropout dropout{drops ? forward.dropout->dropout : none,
                                         drops ? forward.dropout->texts[sequence] : 0,
                                         static_cast<std::uint32_t>(head), 0};
      kernel({.query = part(forward.query).data,
              .key = part(forward.key).data,
              .value = part(forward.value).data,
              .output = part(input.output).data,
              .output_gradient = part(input.output_gradient).data,
              .query_gradient = query_gradient.data,
              .key_gradient = key_gradient.data,
              .value_gradient = value_gradient.data,
              .query_stride = forward.query.stride,
              .key_stride = forward.key.stride,
              .value_stride = forward.value.stride,
              .output_stride = input.output.stride,
              .output_gradient_stride = input.output_gradient.stride,
              .query_gradient_stride = query_gradient.stride,
              .key_gradient_stride = key_gradient.stride,
              .value_gradient_stride = value_gradient.stride,
              .queries = rows,
              .keys = keys,
              .head_size = size,
              .dropout = drops ? &dropout : nullptr,
              .scratch = scratch + worker * scratch_size});
    }
  });
}

void NativeBackend::activation_gradient(Activation activation, MatrixView<const float> input,
                                        MatrixView<float> gradient,
                                        const ExecutionContext& context) {
  const auto kernel = gradient_table(context.instruction_set).activation_gradient;
  for (std::size_t row = 0; row < gradient.rows; ++row) {
    kernel(activation, input.row(row).data(), gradient.row(row).data(), gradient.columns);
  }
}

void NativeBackend::lstm_cell_gradient(const LstmCellGradientInput& input,
                                       const ExecutionContext& context) {
  const auto kernel = gradient_table(context.instruction_set).lstm_cell_gradient;
  for (std::size_t row = 0; row < input.cell.rows; ++row) {
    kernel(input.gates.row(row).data(), input.previous_cell.row(row).data(),
           input.cell.row(row).data(), input.hidden_gradient.row(row).data(),
           input.cell_gradient.row(row).data(), input.gates_gradient.row(row).data(),
           input.forget_bias, input.cell.columns);
  }
}

void NativeBackend::additive_scores_gradient(const AdditiveScoresGradientInput& input,
                                             const ExecutionContext& context) {
  const auto kernel = gradient_table(context.instruction_set).additive_score_gradient;
  for (std::size_t row = 0; row < input.keys.rows; ++row) {
    kernel(input.keys.row(row).data(), input.query.data(), input.v.data(),
           input.scores_gradient[row], input.keys_gradient.row(row).data(),
           input.query_gradient.data(), input.v_gradient.data(), input.query.size());
  }
}

}  // namespace polytag
