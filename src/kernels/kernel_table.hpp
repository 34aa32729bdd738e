#pragma once

#include <cstddef>
#include <cstdint>

#include "polytag/core/instruction_set.hpp"
#include "polytag/kernels/backend.hpp"

/// What the per-instruction-set sources offer, in terms that need no inline code: such code,
/// compiled for AVX-512 there, could replace the copy that the rest of the program runs.
namespace polytag::kernels {

/// Output features lie side by side in panels of this many, whatever the instruction set.
inline constexpr std::size_t kPanelWidth = 16;

constexpr std::size_t panel_count(std::size_t columns) {
  return (columns + kPanelWidth - 1) / kPanelWidth;
}

/// Some rows times some panels of a packed weight matrix, and what follows the product.
struct LinearTask {
  const void* input;                  // [rows, in_features] in the product's element type
  std::size_t input_stride;           // elements
  const void* weights;                // panel 0, [panels][in_features / depth][16][depth]
  const float* bias;                  // [panels * 16]
  const float* input_scales;          // [rows], of int8 inputs
  const float* weight_scales;         // [panels * 16], of int8 weights
  const std::int32_t* weight_excess;  // [panels * 16], what inputs 128 too high add to int8 sums
  const float* residual;              // [rows, out_features], or null
  std::size_t residual_stride;
  float* output;  // [rows, out_features]
  std::size_t output_stride;
  std::size_t rows;
  std::size_t in_features;
  std::size_t out_features;
  std::size_t first_panel;
  std::size_t last_panel;  // exclusive
  Activation activation;
};

/// Attention of some query rows of one sequence in one head.
struct AttentionTask {
  const float* query;  // [query_rows, head_size]
  const float* key;    // [keys, head_size], the attended ones
  const float* value;  // [keys, head_size]
  float* output;       // [query_rows, head_size]
  std::size_t query_stride;
  std::size_t key_stride;
  std::size_t value_stride;
  std::size_t output_stride;
  std::size_t query_rows;
  std::size_t keys;  // at least 1
  std::size_t head_size;
  float* scratch;  // attention_scratch(keys, head_size) floats, aligned to kAlignment
};

/// The most rows that a kernel's register tile takes, over all instruction sets.
inline constexpr std::size_t kMostTileRows = 8;

/// The most panels of query rows that attention takes at a time.
inline constexpr std::size_t kMostQueryPanels = 3;

/// Queries in panels, their scores, and values padded to whole panels.
constexpr std::size_t attention_scratch(std::size_t keys, std::size_t head_size) {
  const std::size_t padded_head = panel_count(head_size) * kPanelWidth;
  return kMostQueryPanels * kPanelWidth * (head_size + keys) + keys * padded_head;
}

struct KernelTable {
  void (*linear_float32)(const LinearTask& task);
  void (*linear_bfloat16)(const LinearTask& task);
  void (*linear_int8)(const LinearTask& task);
  /// `size` floats as bfloat16; writes a multiple of 16 elements.
  void (*round_row)(const float* from, std::size_t size, std::uint16_t* to);
  /// `size` floats as whole numbers from 1 to 255, 128 meaning zero, and the factor that takes the
  /// differences from 128 back; writes a multiple of 16 elements.
  float (*quantize_row)(const float* from, std::size_t size, std::uint8_t* to);
  void (*attention)(const AttentionTask& task);
  void (*layer_norm)(const float* input, const float* gamma, const float* beta, float epsilon,
                     float* output, std::size_t size);
  void (*softmax)(float* scores, std::size_t size);
  void (*activate)(Activation activation, float* values, std::size_t size);
  void (*lstm_cell)(const float* gates, float* cell_state, float* hidden, float forget_bias,
                    std::size_t units);
  float (*additive_score)(const float* key, const float* query, const float* v, std::size_t units);
};

/// The kernels to run at a level: those of the highest level at or below it that has its own.
const KernelTable& kernel_table(InstructionSet instruction_set);

namespace baseline {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
namespace avx512_bf16 {
extern const KernelTable kTable;
}
#endif

}  // namespace polytag::kernels
