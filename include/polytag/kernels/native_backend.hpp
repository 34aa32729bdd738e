#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"
#include "polytag/kernels/gradient_backend.hpp"

namespace polytag {

/// polytag's own vector kernels, the default backend: no compilation at run time, no global state.
///
/// The instruction set of the context picks the kernels call by call; packed weights suit all of
/// them. Sums run over the input features in ascending order, whatever the number of rows and
/// threads, so a row's result is the same bit for bit in any company.
///
/// bfloat16: weights and inputs are rounded to nearest, ties to even, subnormal numbers to zero;
/// their products are exact in float32, so fused and separate additions give the same sums on
/// every instruction set but AMX, which sums even and odd features apart. int8: weights are scaled
/// per output feature to whole numbers in [-127, 127]; inputs per row to 254 steps from the row's
/// least value to its largest, zero being one of the steps. Sums are exact, so the products of
/// given inputs are the same on every instruction set. Attention multiplies bfloat16 in both where
/// the CPU does and a sequence is long enough to gain by it, else float32.
struct POLYTAG_EXPORT NativeBackend {
  static constexpr std::string_view kName = "native";

  static bool supports(Precision precision) noexcept { return precision != Precision::kAuto; }

  /// A weight matrix in panels of 16 output features. Immutable; safe for concurrent use.
  class PackedLinear {
   public:
    /// @param weight     [out_features, in_features], copied
    /// @param bias       [out_features], or empty for none
    /// @param precision  of the product; not kAuto
    /// @throws ShapeError for a bias of another length; ArgumentError for kAuto
    PackedLinear(MatrixView<const float> weight, std::span<const float> bias, Precision precision);

    std::size_t in_features() const noexcept { return in_features_; }
    std::size_t out_features() const noexcept { return out_features_; }

    /// output = activation(input weight^T + bias) + residual. Rows of the input may overlap
    /// (stride < columns); the output may be the residual, but nothing of the input.
    /// @throws ShapeError if the shapes do not fit
    void apply(MatrixView<const float> input, MatrixView<float> output,
               const LinearEpilogue& epilogue, const ExecutionContext& context) const;

   private:
    friend struct NativeBackend;
    PackedLinear() = default;

    struct Job;
    void multiply(const Job& job, WorkRange rows, WorkRange panels, std::byte* scratch) const;

    std::size_t in_features_ = 0;
    std::size_t out_features_ = 0;
    Precision precision_ = Precision::kFloat32;
    AlignedBuffer<std::byte> weights_;         // panels in the elements of the precision
    AlignedBuffer<float> bias_;                // [panels * 16], zeros beyond out_features
    AlignedBuffer<float> weight_scales_;       // [panels * 16], of int8 weights
    AlignedBuffer<std::int32_t> weight_sums_;  // [panels * 16], of int8 weights
  };

  static void layer_norm(MatrixView<const float> input, std::span<const float> gamma,
                         std::span<const float> beta, float epsilon, MatrixView<float> output,
                         const ExecutionContext& context);
  static void self_attention(const AttentionInput& attention, MatrixView<float> output,
                             const ExecutionContext& context);
  static void softmax_rows(MatrixView<float> scores, const ExecutionContext& context);
  static void activate(Activation activation, MatrixView<float> values,
                       const ExecutionContext& context);
  static void gate(Activation activation, MatrixView<const float> input, MatrixView<float> output,
                   const ExecutionContext& context);
  static void rotate(const RotationInput& rotation, MatrixView<float> output,
                     const ExecutionContext& context);
  static void lstm_cell(const LstmCellInput& step, const ExecutionContext& context);
  static void additive_scores(const AdditiveScoresInput& attention,
                              const ExecutionContext& context);

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

static_assert(GradientBackend<NativeBackend>);

}  // namespace polytag
