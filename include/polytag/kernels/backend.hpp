#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/kernels/dropout.hpp"

namespace polytag {

/// Element-wise functions that follow a matrix product.
enum class Activation {
  kNone,
  kRelu,
  kGeluErf,   ///< x Φ(x), the exact form: "gelu" (Hendrycks & Gimpel 2016)
  kGeluTanh,  ///< its tanh approximation: "gelu_new", "gelu_pytorch_tanh"
  kTanh,
  kSigmoid,
  kSilu,  ///< x sigmoid(x): "silu", "swish"
};

/// What a linear layer does to a product before storing it: + bias, activation, + residual.
struct LinearEpilogue {
  Activation activation = Activation::kNone;
  MatrixView<const float> residual = {};  ///< as wide as the output, or empty; may be the output
  /// The output may be narrower than the layer: it gets the first output features alone.
  bool leading_features = false;
};

/// What the distance of a query from a key adds to their score. Row r of a sequence's queries and
/// row c of its keys are r - c apart, and every distance has a column:
///
///     scale (query_r . key_c + query[r][column] + key[c][column]) + bias[head][column]
struct RelativeTerms {
  /// [2 reach + 1], the columns of the distances from -reach to reach, where reach is less than no
  /// sequence by more than one. Empty: no terms.
  std::span<const std::uint32_t> columns = {};
  /// [query_rows, num_heads * width] or empty. Head i reads columns [i, i + 1) * width.
  MatrixView<const float> query = {};
  MatrixView<const float> key = {};   ///< [tokens, num_heads * width] or empty, likewise
  MatrixView<const float> bias = {};  ///< [num_heads, width] or empty
};

/// The farthest key that a query sees, where it sees all of them.
inline constexpr std::size_t kNoWindow = std::numeric_limits<std::size_t>::max();

/// Scaled dot-product attention over ragged sequences, several heads at once
/// (Vaswani et al. 2017, eq. 1). Head i reads columns [i, i + 1) * hidden_size / num_heads.
struct AttentionInput {
  MatrixView<const float> query;                  ///< [query_rows, hidden_size]
  MatrixView<const float> key;                    ///< [tokens, hidden_size]
  MatrixView<const float> value;                  ///< [tokens, hidden_size]
  std::span<const std::size_t> query_starts;      ///< [batch + 1]
  std::span<const std::size_t> key_starts;        ///< [batch + 1]
  std::span<const std::size_t> attended_lengths;  ///< [batch], keys of a sequence that count; >= 1
  std::size_t num_heads;
  /// Least precision of the two products. Attention has no int8 form: kInt8 is computed as
  /// kBfloat16. A backend may compute more exactly.
  Precision precision = Precision::kFloat32;
  std::optional<float> scale = {};  ///< of the scores; none: 1 / sqrt(head size)
  /// Keys farther away from a query count nothing for it, and are not computed with where whole
  /// blocks of queries see none of them. A query that sees no key yields zeros.
  std::size_t window = kNoWindow;
  RelativeTerms relative = {};
  /// In training: which probabilities are dropped, in float32. A backend without GradientBackend
  /// ignores it.
  const AttentionDropout* dropout = nullptr;
};

/// Rotary positions (Su et al. 2021): in each head the pairs of columns (c, c + head_size / 2) turn
/// by the angles of their row's place in its sequence.
struct RotationInput {
  MatrixView<const float> rows;                  ///< [rows, num_heads * head_size]
  std::span<const std::size_t> sequence_starts;  ///< [batch + 1], from 0 to rows
  MatrixView<const float> cosines;               ///< [places, head_size / 2]
  MatrixView<const float> sines;                 ///< [places, head_size / 2]
};

/// One step of an LSTM cell with the gates in TensorFlow's order input, candidate, forget, output:
/// c' = c sigmoid(f + forget_bias) + sigmoid(i) tanh(j),  h' = tanh(c') sigmoid(o).
struct LstmCellInput {
  MatrixView<const float> gates;  ///< [rows, 4 * units], i | j | f | o before activation
  MatrixView<float> cell_state;   ///< [rows, units], updated
  MatrixView<float> hidden;       ///< [rows, units], out
  float forget_bias;
};

/// Unnormalised additive attention (Bahdanau et al. 2015): score_t = sum_u v_u tanh(key_tu +
/// query_u).
struct AdditiveScoresInput {
  MatrixView<const float> keys;  ///< [memory_length, units]
  std::span<const float> query;  ///< [units]
  std::span<const float> v;      ///< [units]
  std::span<float> scores;       ///< [memory_length], out
};

/// A compile-time policy: the kernels that layers are built on. PackedLinear holds a weight matrix
/// in the layout that its product likes and is safe for concurrent use. Every function writes rows
/// whose values depend on the same rows of its input alone, bit for bit: never on the number of
/// rows, of threads, or on their neighbours.
template <class B>
concept KernelBackend = std::movable<typename B::PackedLinear> &&
    std::constructible_from<typename B::PackedLinear, MatrixView<const float>,
                            std::span<const float>, Precision> &&
    requires(const typename B::PackedLinear& linear, MatrixView<const float> input,
             MatrixView<float> output, const LinearEpilogue& epilogue,
             std::span<const float> vector, const AttentionInput& attention,
             const RotationInput& rotation, const LstmCellInput& lstm,
             const AdditiveScoresInput& additive, Activation activation, float epsilon,
             Precision precision, const ExecutionContext& context) {
  { B::kName } -> std::convertible_to<std::string_view>;
  // whether its products are computed in that precision on this CPU; not for kAuto
  { B::supports(precision) } -> std::same_as<bool>;
  { linear.in_features() } -> std::same_as<std::size_t>;
  { linear.out_features() } -> std::same_as<std::size_t>;
  // output = activation(input weight^T + bias) + residual; weight was [out, in]
  linear.apply(input, output, epilogue, context);
  // output = (input - mean) / sqrt(variance + epsilon) * gamma + beta, row by row; in place too
  B::layer_norm(input, vector, vector, epsilon, output, context);
  B::self_attention(attention, output, context);
  B::softmax_rows(output, context);          // in place
  B::activate(activation, output, context);  // in place
  // output [rows, n] = activation(first half of the input [rows, 2 n]) * second half
  B::gate(activation, input, output, context);
  B::rotate(rotation, output, context);  // in place, too
  B::lstm_cell(lstm, context);
  B::additive_scores(additive, context);
};

}  // namespace polytag
