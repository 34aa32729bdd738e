#include "kernels/blocked_linear.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/kernel_table.hpp"
#include "kernels/linear_shapes.hpp"
#include "kernels/native_packing.hpp"

namespace polytag::kernels {

namespace {

constexpr std::size_t operand_size(BlockOperand operand) {
  return operand == BlockOperand::kFloat32 ? sizeof(float) : sizeof(std::uint16_t);
}

/// Copies a row as operands.
void convert_row(std::span<const float> row, BlockOperand operand, std::byte* out) {
  if (operand == BlockOperand::kFloat32) {
    std::memcpy(out, row.data(), row.size_bytes());
  } else {
    std::ranges::transform(row, reinterpret_cast<std::uint16_t*>(out), to_bfloat16);
  }
}

}  // namespace

/// One call of apply(): its rows are cut into blocks of the greatest height, and a last one.
struct BlockedLinear::Call {
  MatrixView<const float> input;
  MatrixView<float> output;
  const LinearEpilogue& epilogue;
  InstructionSet instruction_set;
  std::size_t first_staged;  // blocks before it are multiplied where they lie
  std::byte* staged;         // [blocks - first_staged, tallest, in_features] operands
};

BlockedLinear::BlockedLinear(Panels panels, std::size_t in_features, BlockOperand operand,
                             std::span<const float> bias)
    : panels_(std::move(panels)), in_features_(in_features), operand_(operand) {
  std::size_t out_features = 0;
  for (const auto& panel : panels_) {
    first_columns_.push_back(out_features);
    out_features += panel->columns();
    std::vector<std::size_t> common(panel->heights().begin(), panel->heights().end());
    if (!heights_.empty()) {
      std::erase_if(common,
                    [&](std::size_t h) { return !std::ranges::binary_search(heights_, h); });
    }
    heights_ = std::move(common);
  }
  check_bias(bias, out_features);
  bias_.assign(bias.begin(), bias.end());
  bias_.resize(out_features);
}

std::size_t BlockedLinear::height_for(std::size_t rows) const {
  return *std::ranges::lower_bound(heights_, std::min(rows, tallest()));
}

void BlockedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                          const LinearEpilogue& epilogue, const ExecutionContext& context) const {
  check_linear_shapes(in_features(), out_features(), input, output, epilogue);
  if (input.rows == 0 || output.columns == 0) return;
  const std::size_t blocks = (input.rows + tallest() - 1) / tallest();
  const std::size_t last_rows = input.rows - (blocks - 1) * tallest();
  const bool in_place = operand_ == BlockOperand::kFloat32 && input.stride == in_features_;
  const bool last_is_full = height_for(last_rows) == last_rows;
  const std::size_t first_staged = !in_place ? 0 : last_is_full ? blocks : blocks - 1;

  const Workspace::Scope scope(context.workspace);
  const std::span<std::byte> staged = context.workspace.allocate<std::byte>(
      (blocks - first_staged) * tallest() * in_features_ * operand_size(operand_));
  const Call call{input, output, epilogue, context.instruction_set, first_staged, staged.data()};
  parallel_for(context, blocks - first_staged,
               [&](std::size_t i) { stage(call, first_staged + i); });

  // Panels that begin before the output ends.
  const auto panels = static_cast<std::size_t>(
      std::ranges::lower_bound(first_columns_, output.columns) - first_columns_.begin());
  const std::size_t tasks = blocks * panels;
  const std::size_t slots = std::min(tasks, context.executor.concurrency());
  std::size_t widest = 0;
  std::size_t scratch_bytes = 0;
  for (const auto& panel : panels_) {
    widest = std::max(widest, panel->output_stride());
    scratch_bytes = std::max(scratch_bytes, panel->scratch_bytes());
  }
  scratch_bytes = (scratch_bytes + kAlignment - 1) / kAlignment * kAlignment;
  const MatrixView<float> products = context.workspace.matrix(slots, tallest() * widest);
  const std::span<std::byte> scratch = context.workspace.allocate<std::byte>(slots * scratch_bytes);
  parallel_for(context, slots, [&](std::size_t slot) {
    const WorkRange share = work_range(tasks, slots, slot);
    for (std::size_t task = share.begin; task < share.end; ++task) {
      multiply(call, task / panels, task % panels, products.row(slot).data(),
               scratch.data() + slot * scratch_bytes);
    }
  });
}

void BlockedLinear::stage(const Call& call, std::size_t block) const {
  const std::size_t row_bytes = in_features_ * operand_size(operand_);
  const std::size_t begin = block * tallest();
  const std::size_t rows = std::min(tallest(), call.input.rows - begin);
  std::byte* out = call.staged + (block - call.first_staged) * tallest() * row_bytes;
  for (std::size_t r = 0; r < rows; ++r, out += row_bytes) {
    convert_row(call.input.row(begin + r), operand_, out);
  }
  std::memset(out, 0, (height_for(rows) - rows) * row_bytes);
}

void BlockedLinear::multiply(const Call& call, std::size_t block, std::size_t panel, float* product,
                             std::byte* scratch) const {
  const BlockProduct& library = *panels_[panel];
  const std::size_t begin = block * tallest();
  const std::size_t rows = std::min(tallest(), call.input.rows - begin);
  const void* const operands = block < call.first_staged
                                   ? static_cast<const void*>(call.input.row(begin).data())
                                   : call.staged + (block - call.first_staged) * tallest() *
                                                       in_features_ * operand_size(operand_);
  library.multiply(height_for(rows), operands, product, scratch, call.instruction_set);

  const KernelTable& kernels = kernel_table(call.instruction_set);
  const std::size_t first = first_columns_[panel];
  const std::size_t columns = std::min(library.columns(), call.output.columns - first);
  const MatrixView<const float>& residual = call.epilogue.residual;
  for (std::size_t r = 0; r < rows; ++r) {
    float* const values = product + r * library.output_stride();
    for (std::size_t c = 0; c < columns; ++c) values[c] += bias_[first + c];
    if (call.epilogue.activation != Activation::kNone) {
      kernels.activate(call.epilogue.activation, values, columns);
    }
    float* const out = call.output.row(begin + r).data() + first;
    if (residual.data == nullptr) {
      std::copy_n(values, columns, out);
    } else {
      const float* const add = residual.row(begin + r).data() + first;
      for (std::size_t c = 0; c < columns; ++c) out[c] = values[c] + add[c];
    }
  }
}

std::vector<WorkRange> panel_ranges(std::size_t out_features) {
  constexpr std::size_t kWidth = 192;
  constexpr std::size_t kGranule = 16;  // the widest vector of floats
  const std::size_t panels = std::max<std::size_t>(1, out_features / kWidth);
  std::vector<WorkRange> ranges;
  for (std::size_t i = 0; i < panels; ++i) {
    ranges.push_back(work_range(out_features, panels, i, kGranule));
  }
  return ranges;
}

}  // namespace polytag::kernels
