#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "polytag/kernels/backend.hpp"

namespace polytag {

/// What a linear layer's parameters get from some rows: weight += output_gradient^T input,
/// bias += the sum of output_gradient's rows.
struct WeightGradientInput {
  MatrixView<const float> input;            ///< [rows, in]; rows may overlap (stride < columns)
  MatrixView<const float> output_gradient;  ///< [rows, out]
  MatrixView<float> weight;                 ///< [out, in], added to
  std::span<float> bias;                    ///< [out], added to; empty: there is none
};

/// Backward of layer_norm. Mean and deviation are computed again from the input.
struct LayerNormGradientInput {
  MatrixView<const float> input;  ///< [rows, size], of the layer
  std::span<const float> gamma;   ///< [size]
  float epsilon;
  MatrixView<float> gradient;       ///< [rows, size], in: by the output; out: by the input
  std::span<float> gamma_gradient;  ///< [size], added to
  std::span<float> beta_gradient;   ///< [size], added to; empty: there is no beta
};

/// Backward of self_attention over sequences whose queries and keys are the same rows. The
/// probabilities are computed again. Keys and values of rows that are not attended to get zeros.
struct AttentionGradientInput {
  AttentionInput forward;                   ///< what self_attention() was given
  MatrixView<const float> output;           ///< [tokens, hidden_size], what it gave
  MatrixView<const float> output_gradient;  ///< [tokens, hidden_size]
  MatrixView<float> query_gradient;         ///< [tokens, hidden_size], out
  MatrixView<float> key_gradient;           ///< [tokens, hidden_size], out
  MatrixView<float> value_gradient;         ///< [tokens, hidden_size], out
};

/// Backward of lstm_cell.
struct LstmCellGradientInput {
  MatrixView<const float> gates;            ///< [rows, 4 * units], before activation
  MatrixView<const float> previous_cell;    ///< [rows, units], the cell state before the step
  MatrixView<const float> cell;             ///< [rows, units], and behind it
  MatrixView<const float> hidden_gradient;  ///< [rows, units]
  MatrixView<float> cell_gradient;          ///< [rows, units], in: by cell; out: by previous_cell
  MatrixView<float> gates_gradient;         ///< [rows, 4 * units], out
  float forget_bias;
};

/// Backward of additive_scores.
struct AdditiveScoresGradientInput {
  MatrixView<const float> keys;            ///< [memory_length, units]
  std::span<const float> query;            ///< [units]
  std::span<const float> v;                ///< [units]
  std::span<const float> scores_gradient;  ///< [memory_length]
  MatrixView<float> keys_gradient;         ///< [memory_length, units], added to
  std::span<float> query_gradient;         ///< [units], added to
  std::span<float> v_gradient;             ///< [units], added to
};

/// A backend that can train: the backward of each of its kernels. What is summed over rows is
/// summed in ascending order of the rows, in an order that their number alone decides: never the
/// number of threads.
template <class B>
concept GradientBackend = KernelBackend<B> &&
    requires(const WeightGradientInput& weight, const LayerNormGradientInput& norm,
             const AttentionGradientInput& attention, const LstmCellGradientInput& lstm,
             const AdditiveScoresGradientInput& additive, Activation activation,
             MatrixView<const float> input, MatrixView<float> gradient,
             const ExecutionContext& context) {
  // of a weight [out, in], the layer [out] -> [in] that a gradient goes back through, in float32
  { B::pack_transposed(input) } -> std::same_as<typename B::PackedLinear>;
  B::add_weight_gradient(weight, context);
  B::layer_norm_gradient(norm, context);
  B::self_attention_gradient(attention, context);
  // gradient, by the output, becomes that by the input
  B::activation_gradient(activation, input, gradient, context);
  B::lstm_cell_gradient(lstm, context);
  B::additive_scores_gradient(additive, context);
};

}  // namespace polytag
