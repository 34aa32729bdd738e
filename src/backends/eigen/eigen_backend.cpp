#include <algorithm>
#include <array>
#include <utility>

#include "backends/eigen/eigen_product.hpp"
#include "kernels/blocked_linear.hpp"
#include "polytag/backends/eigen.hpp"

namespace polytag {

namespace kernels {
namespace {

using EigenProduct = void (*)(const EigenProductTask&);

EigenProduct eigen_product(InstructionSet instruction_set) {
#if defined(__x86_64__)
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      break;
    case InstructionSet::kAvx2:
    case InstructionSet::kAvxVnni:
      return avx2::eigen_product;
    case InstructionSet::kAvx512:
    case InstructionSet::kAvx512Bf16:
    case InstructionSet::kAmx:
      return avx512::eigen_product;
    case InstructionSet::kDotprod:
    case InstructionSet::kI8mm:
      break;
  }
#else
  static_cast<void>(instruction_set);
#endif
  return baseline::eigen_product;
}

class EigenPanel final : public BlockProduct {
 public:
  explicit EigenPanel(MatrixView<const float> weight)
      : columns_(weight.rows),
        // A matrix of one row would take Eigen's matrix-vector product, which sums otherwise.
        padded_columns_((weight.rows + kGranule - 1) / kGranule * kGranule),
        in_features_(weight.columns),
        weight_(padded_columns_ * in_features_) {
    std::ranges::fill(weight_.span(), 0.0F);
    for (std::size_t r = 0; r < weight.rows; ++r) {
      std::ranges::copy(weight.row(r), weight_.data() + r * in_features_);
    }
  }

  std::span<const std::size_t> heights() const override { return kHeights; }
  std::size_t columns() const override { return columns_; }
  std::size_t output_stride() const override { return padded_columns_; }
  std::size_t scratch_bytes() const override { return 0; }

  void multiply(std::size_t height, const void* input, float* output, std::byte*,
                InstructionSet instruction_set) const override {
    eigen_product(instruction_set)({.weight = weight_.data(),
                                    .input = static_cast<const float*>(input),
                                    .output = output,
                                    .height = height,
                                    .in_features = in_features_,
                                    .out_features = padded_columns_});
  }

 private:
  static constexpr std::size_t kGranule = 16;
  // Multiples of the four rows that Eigen's kernel takes at a time; single rows sum otherwise.
  static constexpr std::array<std::size_t, 3> kHeights{4, 16, 64};

  std::size_t columns_;
  std::size_t padded_columns_;
  std::size_t in_features_;
  AlignedBuffer<float> weight_;  // [padded_columns, in_features]
};

}  // namespace
}  // namespace kernels

EigenBackend::PackedLinear::PackedLinear(MatrixView<const float> weight,
                                         std::span<const float> bias, Precision) {
  kernels::BlockedLinear::Panels panels;
  for (const WorkRange& range : kernels::panel_ranges(weight.rows)) {
    panels.push_back(std::make_unique<kernels::EigenPanel>(
        weight.row_range(range.begin, range.end - range.begin)));
  }
  linear_ = std::make_shared<const kernels::BlockedLinear>(std::move(panels), weight.columns,
                                                           kernels::BlockOperand::kFloat32, bias);
}

std::size_t EigenBackend::PackedLinear::in_features() const noexcept {
  return linear_->in_features();
}

std::size_t EigenBackend::PackedLinear::out_features() const noexcept {
  return linear_->out_features();
}

void EigenBackend::PackedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                                       const LinearEpilogue& epilogue,
                                       const ExecutionContext& context) const {
  linear_->apply(input, output, epilogue, context);
}

}  // namespace polytag
