#pragma once

#include <cstddef>
#include <cstdint>

#include "polytag/core/instruction_set.hpp"
#include "polytag/kernels/backend.hpp"

/// What each instruction set's source offers. Its types need no inline functions: an inline
/// function that is compiled there for AVX-512 could be the copy that the linker keeps for the
/// whole program.
namespace polytag::kernels {

/// Output features lie side by side in panels of this many, whatever the instruction set.
inline constexpr std::size_t kPanelWidth = 16;

constexpr std::size_t panel_count(std::size_t columns) {
  return (columns + kPanelWidth - 1) / kPanelWidth;
}

/// Steps of `depth` input features in a packed panel. AMX multiplies 16 of them at a time: panels
/// of bfloat16 and int8 are filled up to that with zeros.
constexpr std::size_t panel_steps(std::size_t in_features, std::size_t depth) {
  const std::size_t steps = (in_features + depth - 1) / depth;
  return depth == 1 ? steps : (steps + kPanelWidth - 1) / kPanelWidth * kPanelWidth;
}

/// AMX reads bfloat16 and int8 inputs in rows of whole 64 bytes, 16 rows at a time.
inline constexpr std::size_t kInputRowGranule = 16;
constexpr std::size_t padded_input_rows(std::size_t rows) {
  return (rows + kInputRowGranule - 1) / kInputRowGranule * kInputRowGranule;
}
constexpr std::size_t padded_input_features(std::size_t features, std::size_t element_size) {
  const std::size_t granule = 64 / element_size;
  return (features + granule - 1) / granule * granule;
}

/// Some rows times some panels of a packed weight matrix, and what follows the product.
struct LinearTask {
  /// [rows, in_features] in the product's element type; of bfloat16 and int8 there are
  /// padded_input_rows and padded_input_features to read.
  const void* input;
  std::size_t input_stride;         // elements
  const void* weights;              // panel 0, [panels][panel_steps][16][depth]
  const float* bias;                // [panels * 16]
  const float* input_scales;        // [rows], of int8 inputs
  const std::int32_t* input_zeros;  // [rows], the numbers that int8 inputs have for zero
  const float* weight_scales;       // [panels * 16], of int8 weights
  const std::int32_t* weight_sums;  // [panels * 16], of int8 weights over all input features
  const float* residual;            // [rows, out_features], or null
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

/// How a row's int8 numbers are turned back into floats: x is about (number - zero) * scale.
struct QuantizedRow {
  float scale;
  std::int32_t zero;
};

/// Dropout of the probabilities of some query rows of one sequence in one head.
struct HeadDropout {
  const Dropout& dropout;
  std::uint32_t text;  // the sequence's place in the batch
  std::uint32_t head;
  std::uint32_t first_query;  // the place of the first row in its sequence
};

/// Applies it to probabilities, of which each column is a query's.
/// @param scores  [keys, queries], query q of key k at scores[k * stride + q]
/// @param first   the place of the first column among the rows that the dropout is of
void drop_columns(const HeadDropout& dropout, float* scores, std::size_t stride, std::size_t keys,
                  std::size_t first, std::size_t queries);

/// What distances add to the scores of one sequence in one head, as RelativeTerms has it.
struct ScoreTerms {
  const std::uint32_t* columns = nullptr;  // of distance 0; or null, and there are no terms
  const float* query = nullptr;            // [query_rows, …], or null
  const float* key = nullptr;              // [keys, …], or null
  const float* bias = nullptr;             // […], or null
  std::size_t query_stride = 0;
  std::size_t key_stride = 0;
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
  float scale;            // of the scores
  float* scratch;         // attention_scratch(keys, head_size) floats, aligned to kAlignment
  std::size_t place = 0;  // of the first query row, counted from the first key
  std::size_t window = kNoWindow;  // each query row sees at least one key within it
  ScoreTerms terms = {};
  const HeadDropout* dropout = nullptr;
};

/// The most panels of query rows that attention takes at a time.
inline constexpr std::size_t kMostQueryPanels = 3;

/// The most query rows that attention with bfloat16 products takes at a time.
inline constexpr std::size_t kReducedQueryRows = 32;

/// Floats for either attention. float32: queries in panels, their scores, and values padded to
/// whole panels. bfloat16: scores; then, two to a float, probabilities, rounded rows, key panels
/// and value panels.
constexpr std::size_t attention_scratch(std::size_t keys, std::size_t head_size) {
  const std::size_t padded_head = panel_count(head_size) * kPanelWidth;
  const std::size_t full = kMostQueryPanels * kPanelWidth * (head_size + keys) + keys * padded_head;
  const std::size_t padded_keys = padded_input_features(keys, sizeof(std::uint16_t));
  const std::size_t features = padded_input_features(head_size, sizeof(std::uint16_t));
  const std::size_t rows = padded_keys < kReducedQueryRows ? kReducedQueryRows : padded_keys;
  const std::size_t halves = kReducedQueryRows * padded_keys + rows * features +
                             padded_keys * features + padded_keys * padded_head;
  const std::size_t reduced = kReducedQueryRows * padded_keys + halves / 2;
  const std::size_t larger = full < reduced ? reduced : full;
  return (larger + kPanelWidth - 1) / kPanelWidth * kPanelWidth;  // the next one is aligned, too
}

struct KernelTable {
  /// Bytes of an input number as round_row and quantize_row write it: 2 and 1 where the instruction
  /// set multiplies such numbers, twice that where they are widened once for all products.
  std::size_t bfloat16_input_size;
  std::size_t int8_input_size;
  void (*linear_float32)(const LinearTask& task);
  void (*linear_bfloat16)(const LinearTask& task);
  void (*linear_int8)(const LinearTask& task);
  /// `size` floats as bfloat16; writes whole 64 bytes, zeros at the end.
  void (*round_row)(const float* from, std::size_t size, void* to);
  /// `size` floats as whole numbers from 0 to 255; writes a multiple of 16 elements. Those of 16
  /// bits stand four by four in the order 0, 2, 1, 3.
  QuantizedRow (*quantize_row)(const float* from, std::size_t size, void* to);
  void (*attention)(const AttentionTask& task);
  /// With bfloat16 products where the CPU has them.
  void (*attention_bfloat16)(const AttentionTask& task);
  void (*layer_norm)(const float* input, const float* gamma, const float* beta, float epsilon,
                     float* output, std::size_t size);
  void (*softmax)(float* scores, std::size_t size);
  void (*activate)(Activation activation, float* values, std::size_t size);
  /// output = activation(values) * gates.
  void (*gate)(Activation activation, const float* values, const float* gates, float* output,
               std::size_t size);
  /// Turns the pairs (row[i], row[half + i]); the output may be the row.
  void (*rotate)(const float* row, const float* cosines, const float* sines, float* output,
                 std::size_t half);
  void (*lstm_cell)(const float* gates, float* cell_state, float* hidden, float forget_bias,
                    std::size_t units);
  float (*additive_score)(const float* key, const float* query, const float* v, std::size_t units);
};

/// The kernels to run at a level.
const KernelTable& kernel_table(InstructionSet instruction_set);

namespace baseline {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx_vnni {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
namespace avx512_bf16 {
extern const KernelTable kTable;
}
namespace amx {
extern const KernelTable kTable;
}
#elif defined(__aarch64__)
namespace dotprod {
extern const KernelTable kTable;
}
namespace i8mm {
extern const KernelTable kTable;
}
#endif

}  // namespace polytag::kernels
