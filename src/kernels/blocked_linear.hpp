#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "polytag/core/execution.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/kernels/backend.hpp"

/// Exported for the components of the package whose products these are.
namespace polytag::kernels {

/// The type in which a block product reads its rows.
enum class BlockOperand { kFloat32, kBfloat16 };

/// A library's product of some rows with one panel of a weight matrix (some of its output
/// features). Libraries choose the order of a sum by the number of rows, so a product offers a few
/// fixed heights between which a row's result is the same bit for bit. Safe for concurrent use.
class POLYTAG_EXPORT BlockProduct {
 public:
  virtual ~BlockProduct() = default;

  /// Ascending, never empty.
  virtual std::span<const std::size_t> heights() const = 0;
  virtual std::size_t columns() const = 0;
  /// Columns of the output block, at least columns(); those beyond it are undefined.
  virtual std::size_t output_stride() const = 0;
  virtual std::size_t scratch_bytes() const = 0;

  /// @param input   [height, in_features] operands, contiguous
  /// @param output  [height, output_stride()]
  virtual void multiply(std::size_t height, const void* input, float* output, std::byte* scratch,
                        InstructionSet instruction_set) const = 0;
};

/// A linear layer made of block products: cuts any number of rows into blocks, fills the last one
/// up, and does what follows the product. Which block a row falls into changes no bit of it.
class POLYTAG_EXPORT BlockedLinear {
 public:
  using Panels = std::vector<std::unique_ptr<const BlockProduct>>;

  /// @param panels  side by side, the output features in order
  /// @param bias    as long as all panels are wide, or empty for none
  /// @throws ShapeError if the bias has another length
  BlockedLinear(Panels panels, std::size_t in_features, BlockOperand operand,
                std::span<const float> bias);

  std::size_t in_features() const noexcept { return in_features_; }
  std::size_t out_features() const noexcept { return bias_.size(); }

  /// @throws ShapeError if the shapes do not fit
  void apply(MatrixView<const float> input, MatrixView<float> output,
             const LinearEpilogue& epilogue, const ExecutionContext& context) const;

 private:
  struct Call;

  std::size_t tallest() const { return heights_.back(); }
  std::size_t height_for(std::size_t rows) const;
  void stage(const Call& call, std::size_t block) const;
  void multiply(const Call& call, std::size_t block, std::size_t panel, float* product,
                std::byte* scratch) const;

  Panels panels_;
  std::vector<std::size_t> first_columns_;  // of each panel
  std::vector<std::size_t> heights_;        // those that all panels offer, ascending
  std::size_t in_features_;
  BlockOperand operand_;
  std::vector<float> bias_;  // [out_features]
};

/// Cuts output features into panels of nearly equal width, so that threads have something to share
/// where there are few rows. The cut depends on nothing else: results don't change with threads.
POLYTAG_EXPORT std::vector<WorkRange> panel_ranges(std::size_t out_features);

}  // namespace polytag::kernels
