#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "polytag/kernels/int8_rule.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/sequence_layout.hpp"

namespace polytag {

/// Self-attention of the first row of every sequence alone, which computes no key and no value of
/// any row. Both are linear in the hidden states x, so the few queries q take their weights:
///
///     softmax_t(q . (K x_t + k)) = softmax_t((K^T q) . x_t)      q . k is the same for all t
///     sum_t p_t (V x_t + v) = V (sum_t p_t x_t) + v              the p_t sum up to one
///
/// Per head and token this costs 2 hidden operations instead of 4 hidden head_size.
template <KernelBackend Backend>
class FirstTokenAttention {
 public:
  /// @param key, value  linear layers [hidden] -> [hidden]
  FirstTokenAttention(const LinearParameters& key, const LinearParameters& value,
                      const Weights& weights, std::size_t num_heads, Precision precision)
      : num_heads_(num_heads) {
    Tensor keys = weights.read(key.weight);
    const Tensor values = weights.read(value.weight);
    const Tensor value_bias = value.bias ? weights.read(*value.bias) : Tensor({0});
    const std::size_t hidden_size = key.in;
    const std::size_t head_size = hidden_size / num_heads;
    // int8 scales are per row of K, but the product below needs K^T, whose rows are K's columns. So
    // K is rounded to its int8 values and multiplied as bfloat16; with one row per sequence this
    // costs little.
    if (precision == Precision::kInt8) round_rows_to_int8(keys.matrix());
    const Precision keys_precision =
        precision == Precision::kFloat32 ? precision : Precision::kBfloat16;
    Tensor transposed({hidden_size, head_size});
    for (std::size_t begin = 0; begin < hidden_size; begin += head_size) {
      for (std::size_t i = 0; i < hidden_size; ++i) {
        for (std::size_t j = 0; j < head_size; ++j) {
          transposed.matrix().row(i)[j] = keys.matrix().row(begin + j)[i];
        }
      }
      keys_.emplace_back(std::as_const(transposed).matrix(), std::span<const float>(),
                         keys_precision);
      values_.emplace_back(
          values.matrix().row_range(begin, head_size),
          value.bias ? value_bias.span().subspan(begin, head_size) : std::span<const float>(),
          precision);
    }
  }

  /// @param hidden_states  [tokens, hidden]
  /// @param queries        [batch, hidden], of every first row; changed
  /// @param output         [batch, hidden], the heads' outputs side by side
  void forward(MatrixView<const float> hidden_states, MatrixView<float> queries,
               const SequenceLayout& layout, MatrixView<float> output,
               const ExecutionContext& context) const {
    const std::size_t block =
        std::max<std::size_t>(1, kBlockSize / (num_heads_ * hidden_states.columns));
    for (std::size_t begin = 0; begin < layout.size(); begin += block) {
      const std::size_t count = std::min(block, layout.size() - begin);
      attend(hidden_states, queries.row_range(begin, count), layout.range(begin, count),
             output.row_range(begin, count), context);
    }
  }

 private:
  static constexpr std::size_t kBlockSize = std::size_t{1} << 18;  // floats, which stay in L2

  void attend(MatrixView<const float> hidden_states, MatrixView<float> queries,
              const SequenceLayout& layout, MatrixView<float> output,
              const ExecutionContext& context) const {
    Workspace& workspace = context.workspace;
    const Workspace::Scope scope(workspace);
    const std::size_t hidden_size = hidden_states.columns;
    const std::size_t head_size = hidden_size / num_heads_;
    // Scores are divided by the root of head_size; attention takes hidden_size for a head's.
    const float scale = std::sqrt(static_cast<float>(num_heads_));
    for (std::size_t i = 0; i < queries.rows; ++i) {
      for (float& value : queries.row(i)) value *= scale;
    }

    // One row for each sequence and head: K^T q, then the mean of hidden states that it asks for.
    const auto keys = workspace.matrix(layout.size() * num_heads_, hidden_size);
    const auto means = workspace.matrix(layout.size() * num_heads_, hidden_size);
    for (std::size_t head = 0; head < num_heads_; ++head) {
      keys_[head].apply(queries.column_range(head * head_size, head_size), rows_of_head(keys, head),
                        {}, context);
    }
    const auto starts = workspace.allocate<std::size_t>(layout.size() + 1);
    for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i * num_heads_;
    Backend::self_attention({.query = keys,
                             .key = hidden_states,
                             .value = hidden_states,
                             .query_starts = starts,
                             .key_starts = layout.sequence_starts,
                             .attended_lengths = layout.attended_lengths,
                             .num_heads = 1},
                            means, context);
    for (std::size_t head = 0; head < num_heads_; ++head) {
      values_[head].apply(rows_of_head(means, head),
                          output.column_range(head * head_size, head_size), {}, context);
    }
  }

  /// Every num_heads-th row.
  MatrixView<float> rows_of_head(MatrixView<float> all, std::size_t head) const {
    return {all.row(head).data(), all.rows / num_heads_, all.columns, all.stride * num_heads_};
  }

  std::vector<typename Backend::PackedLinear> keys_;    // of each head, transposed
  std::vector<typename Backend::PackedLinear> values_;  // of each head
  std::size_t num_heads_;
};

}  // namespace polytag
