#pragma once

#include <cstddef>

#include "kernels/kernel_table.hpp"

/// What each instruction set's source offers to training, beside its KernelTable, and by the same
/// rules.
namespace polytag::kernels {

/// Tokens whose products are summed in registers before they are added to a weight gradient.
inline constexpr std::size_t kTokenChunk = 256;
/// Output features whose gradients are packed at a time; a multiple of the rows of every tile.
inline constexpr std::size_t kFeatureBlock = 96;

/// Some output features of add_weight_gradient().
struct WeightGradientTask {
  const float* input;  // [tokens, in_features]
  std::size_t input_stride;
  const float* output_gradient;  // [tokens, out_features]
  std::size_t output_gradient_stride;
  float* weight;  // [out_features, in_features]
  std::size_t weight_stride;
  float* bias;  // [out_features], or null
  std::size_t tokens;
  std::size_t in_features;
  std::size_t out_features;
  float* scratch;  // weight_gradient_scratch(in_features) floats, aligned to kAlignment
};

/// Floats: a chunk of the input in panels, and one of a block of output gradients.
constexpr std::size_t weight_gradient_scratch(std::size_t in_features) {
  return kTokenChunk * (panel_count(in_features) * kPanelWidth + kFeatureBlock) + kPanelWidth;
}

/// One head of one sequence of self_attention_gradient().
struct AttentionGradientTask {
  const float* query;            // [queries, head_size]
  const float* key;              // [keys, head_size], the attended ones
  const float* value;            // [keys, head_size]
  const float* output;           // [queries, head_size]
  const float* output_gradient;  // [queries, head_size]
  float* query_gradient;         // [queries, head_size]
  float* key_gradient;           // [keys, head_size]
  float* value_gradient;         // [keys, head_size]
  std::size_t query_stride;
  std::size_t key_stride;
  std::size_t value_stride;
  std::size_t output_stride;
  std::size_t output_gradient_stride;
  std::size_t query_gradient_stride;
  std::size_t key_gradient_stride;
  std::size_t value_gradient_stride;
  std::size_t queries;
  std::size_t keys;  // at least 1
  std::size_t head_size;
  const HeadDropout* dropout;  // or null
  float* scratch;  // attention_gradient_scratch(queries, keys, head_size), aligned to kAlignment
};

/// Floats: queries and output gradients in panels, two matrices [keys, queries], two vectors
/// [queries], and three matrices [rows, head_size] in whole panels.
constexpr std::size_t attention_gradient_scratch(std::size_t queries, std::size_t keys,
                                                 std::size_t head_size) {
  const std::size_t width = panel_count(queries) * kPanelWidth;
  const std::size_t padded_head = panel_count(head_size) * kPanelWidth;
  const std::size_t longest = width < keys ? keys : width;
  return 2 * width * (head_size + keys + 1) + 3 * longest * padded_head;
}

struct GradientTable {
  void (*weight_gradient)(const WeightGradientTask& task);
  /// Goes backward through one row: gradient becomes that by the input; gamma_gradient and, if it
  /// is not null, beta_gradient are added to.
  void (*layer_norm_gradient)(const float* input, const float* gamma, float epsilon,
                              float* gradient, float* gamma_gradient, float* beta_gradient,
                              std::size_t size);
  void (*attention_gradient)(const AttentionGradientTask& task);
  void (*activation_gradient)(Activation activation, const float* input, float* gradient,
                              std::size_t size);
  void (*lstm_cell_gradient)(const float* gates, const float* previous_cell, const float* cell,
                             const float* hidden_gradient, float* cell_gradient,
                             float* gates_gradient, float forget_bias, std::size_t units);
  void (*additive_score_gradient)(const float* key, const float* query, const float* v,
                                  float score_gradient, float* key_gradient, float* query_gradient,
                                  float* v_gradient, std::size_t units);
};

/// The kernels to run at a level: those of the highest level at or below it that has its own.
const GradientTable& gradient_table(InstructionSet instruction_set);

namespace baseline {
extern const GradientTable kGradientTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const GradientTable kGradientTable;
}
namespace avx512 {
extern const GradientTable kGradientTable;
}
#endif

}  // namespace polytag::kernels
