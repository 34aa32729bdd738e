#pragma once

#include "polytag/kernels/reference_backend.hpp"

namespace polytag::test {

/// What the concept KernelBackend asks for and nothing else: what compiles with it asks for no
/// more.
class MinimalBackend : private ReferenceBackend {
 public:
  static constexpr std::string_view kName = "minimal";
  class PackedLinear {
   public:
    PackedLinear(MatrixView<const float> weight, std::span<const float> bias, Precision precision)
        : linear_(weight, bias, precision) {}
    PackedLinear(PackedLinear&&) = default;
    PackedLinear& operator=(PackedLinear&&) = default;
    std::size_t in_features() const { return linear_.in_features(); }
    std::size_t out_features() const { return linear_.out_features(); }
    void apply(MatrixView<const float> input, MatrixView<float> output,
               const LinearEpilogue& epilogue, const ExecutionContext& context) const {
      linear_.apply(input, output, epilogue, context);
    }

   private:
    ReferenceBackend::PackedLinear linear_;
  };
  using ReferenceBackend::activate;
  using ReferenceBackend::additive_scores;
  using ReferenceBackend::gate;
  using ReferenceBackend::layer_norm;
  using ReferenceBackend::lstm_cell;
  using ReferenceBackend::rotate;
  using ReferenceBackend::self_attention;
  using ReferenceBackend::softmax_rows;
  using ReferenceBackend::supports;
};

}  // namespace polytag::test
