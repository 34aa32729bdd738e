#include <utility>

#include "backends/onednn/onednn_product.hpp"
#include "kernels/blocked_linear.hpp"
#include "polytag/backends/onednn.hpp"

namespace polytag {

namespace {

kernels::BlockOperand operand_for(Precision precision) {
  using enum kernels::BlockOperand;
  const bool is_reduced = precision == Precision::kBfloat16 || precision == Precision::kInt8;
  return is_reduced && kernels::onednn_multiplies(kBfloat16) ? kBfloat16 : kFloat32;
}

}  // namespace

bool OneDnnBackend::supports(Precision precision) noexcept {
  using enum kernels::BlockOperand;
  return precision == Precision::kFloat32 ||
         (precision == Precision::kBfloat16 && kernels::onednn_multiplies(kBfloat16));
}

OneDnnBackend::PackedLinear::PackedLinear(MatrixView<const float> weight,
                                          std::span<const float> bias, Precision precision) {
  const kernels::BlockOperand operand = operand_for(precision);
  kernels::BlockedLinear::Panels panels;
  for (const WorkRange& range : kernels::panel_ranges(weight.rows)) {
    panels.push_back(kernels::make_onednn_product(
        weight.row_range(range.begin, range.end - range.begin), operand));
  }
  linear_ = std::make_shared<const kernels::BlockedLinear>(std::move(panels), weight.columns,
                                                           operand, bias);
}

std::size_t OneDnnBackend::PackedLinear::in_features() const noexcept {
  return linear_->in_features();
}

std::size_t OneDnnBackend::PackedLinear::out_features() const noexcept {
  return linear_->out_features();
}

void OneDnnBackend::PackedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                                        const LinearEpilogue& epilogue,
                                        const ExecutionContext& context) const {
  linear_->apply(input, output, epilogue, context);
}

}  // namespace polytag
