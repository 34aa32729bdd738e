#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/kernels/gradient_backend.hpp"

namespace polytag {

/// The kernels as their formulas say them: plain loops with sums in double, on the calling thread.
///
/// The oracle that every other backend is compared with. It computes with unrounded float32
/// operands whatever precision is asked for, so that it measures the error of the others.
class POLYTAG_EXPORT ReferenceBackend {
 public:
  static constexpr std::string_view kName = "reference";

  static bool supports(Precision precision) noexcept { return precision == Precision::kFloat32; }

  /// A linear layer's weight and bias, copied. Safe for concurrent use.
  class PackedLinear {
   public:
    /// @param weight  [out_features, in_features]
    /// @param bias    [out_features], or empty for none
    /// @throws ShapeError if the bias has another length
    PackedLinear(MatrixView<const float> weight, std::span<const float> bias, Precision precision);

    std::size_t in_features() const noexcept { return in_features_; }
    std::size_t out_features() const noexcept { return out_features_; }

    /// output = activation(input weight^T + bias) + residual. Rows of the input may overlap (a
    /// stride below its columns); the output may be the residual, never the input.
    /// @param input   [rows, in_features]
    /// @param output  [rows, out_features]
    /// @throws ShapeError if the shapes do not fit
    void apply(MatrixView<const float> input, MatrixView<float> output,
               const LinearEpilogue& epilogue, const ExecutionContext& context) const;

   private:
    std::size_t in_features_;
    std::size_t out_features_;
    std::vector<float> weight_;  // [out_features, in_features]
    std::vector<float> bias_;    // [out_features], zeros if there is none
  };

  /// Normalises each row to mean 0 and variance 1 (the biased one), then scales and shifts it
  /// (Ba et al. 2016). The output may be the input.
  static void layer_norm(MatrixView<const float> input, std::span<const float> gamma,
                         std::span<const float> beta, float epsilon, MatrixView<float> output,
                         const ExecutionContext& context);

  /// softmax(query key^T / sqrt(head size)) value, per sequence and head, with the scale, window
  /// and terms of the input. A query row for which no key counts yields zeros.
  /// @param output  [query_rows, hidden_size], none of the inputs
  static void self_attention(const AttentionInput& input, MatrixView<float> output,
                             const ExecutionContext& context);

  /// Replaces each row by its softmax.
  static void softmax_rows(MatrixView<float> rows, const ExecutionContext& context);

  /// Applies the activation to each element, in place.
  static void activate(Activation activation, MatrixView<float> rows,
                       const ExecutionContext& context);

  /// output = activation(first half of each row) * second half.
  /// @param input   [rows, 2 n]
  /// @param output  [rows, n], not the input
  static void gate(Activation activation, MatrixView<const float> input, MatrixView<float> output,
                   const ExecutionContext& context);

  /// Turns rows by the angles of their places, see RotationInput.
  /// @param output  [rows, num_heads * head_size]; may be the rows
  static void rotate(const RotationInput& rotation, MatrixView<float> output,
                     const ExecutionContext& context);

  /// One step of the cell, see LstmCellInput.
  static void lstm_cell(const LstmCellInput& input, const ExecutionContext& context);

  /// See AdditiveScoresInput.
  static void additive_scores(const AdditiveScoresInput& input, const ExecutionContext& context);

  // Backward, see GradientBackend and the structures of gradient_backend.hpp.
  static PackedLinear pack_transposed(MatrixView<const float> weight);
  static void add_weight_gradient(const WeightGradientInput& input,
                                  const ExecutionContext& context);
  static void layer_norm_gradient(const LayerNormGradientInput& input,
                                  const ExecutionContext& context);
  static void self_attention_gradient(const AttentionGradientInput& input,
                                      const ExecutionContext& context);
  static void activation_gradient(Activation activation, MatrixView<const float> input,
                                  MatrixView<float> gradient, const ExecutionContext& context);
  static void lstm_cell_gradient(const LstmCellGradientInput& input,
                                 const ExecutionContext& context);
  static void additive_scores_gradient(const AdditiveScoresGradientInput& input,
                                       const ExecutionContext& context);
};

static_assert(GradientBackend<ReferenceBackend>);

}  // namespace polytag
