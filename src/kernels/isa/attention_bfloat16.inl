// Attention of one head with bfloat16 products, for models whose other products are no more exact.
// Queries are rows here, since a product's inputs are; keys and values are packed as weights are.

#pragma once

#include "kernels/isa/attention.inl"
#include "kernels/isa/bfloat16_product.inl"
#include "kernels/isa/convert.inl"

/// Keys in whole steps of a product with the probabilities.
constexpr std::size_t kKeyGranule = 2 * kPanelWidth;

/// Where the parts of one call lie. Bytes beyond what is written are read, and never matter.
struct ReducedScratch {
  std::uint16_t* rows;           // [keys or kQueryRows, features], rounded
  std::uint16_t* key_panels;     // [keys / 16][features / 2][16][2]
  std::uint16_t* value_panels;   // [head / 16][keys / 2][16][2]
  float* scores;                 // [kReducedQueryRows, keys]
  std::uint16_t* probabilities;  // [kReducedQueryRows, keys]
  std::size_t features;          // of a head, in whole 64 bytes
  std::size_t keys;              // in whole 64 bytes

  explicit ReducedScratch(const AttentionTask& task)
      : features(padded_input_features(task.head_size, sizeof(std::uint16_t))),
        keys(padded_input_features(task.keys, sizeof(std::uint16_t))) {
    scores = task.scratch;
    probabilities = reinterpret_cast<std::uint16_t*>(scores + kReducedQueryRows * keys);
    rows = probabilities + kReducedQueryRows * keys;
    key_panels = rows + largest(keys, kReducedQueryRows) * features;
    value_panels = key_panels + keys * features;
  }
};

/// [keys, features] rounded, as panels: what stands in a row's pairs of features goes to steps.
inline void pack_keys(const AttentionTask& task, const ReducedScratch& scratch) {
  constexpr std::size_t kPair = 2;
  const std::size_t words = scratch.features / kPair;
  for (std::size_t k = 0; k < task.keys; ++k) {
    round_row(task.key + k * task.key_stride, task.head_size, scratch.rows + k * scratch.features);
  }
  for (std::size_t panel = 0; panel < task.keys; panel += kPanelWidth) {
    std::uint16_t* const to = scratch.key_panels + panel * scratch.features;
    for (std::size_t k = 0; k < kPanelWidth; k += kLanes) {
      for (std::size_t word = 0; word < words; word += kLanes) {
        Floats block[kLanes];
        for (std::size_t i = 0; i < kLanes; ++i) {
          block[i] = broadcast(0.0F);
          if (panel + k + i < task.keys) {
            const std::size_t row = (panel + k + i) * scratch.features;
            __builtin_memcpy(&block[i], scratch.rows + row + word * kPair, sizeof block[i]);
          }
        }
        transpose(block);
        for (std::size_t i = 0; i < kLanes; ++i) {
          __builtin_memcpy(to + ((word + i) * kPanelWidth + k) * kPair, &block[i], sizeof block[i]);
        }
      }
    }
  }
}

/// [keys, head_size] rounded, as panels: each step interleaves the rows of two keys.
inline void pack_values(const AttentionTask& task, const ReducedScratch& scratch) {
  constexpr std::size_t kPair = 2;
  const std::size_t panel_size = scratch.keys * kPanelWidth;
  for (std::size_t k = 0; k < scratch.keys; k += kPair) {
    const float* const even = task.value + k * task.value_stride;
    std::uint16_t* const to = scratch.value_panels + k * kPanelWidth;
    for_each_vector(task.head_size, [&](std::size_t c, std::size_t n) {
      Ints pair{};
      if (k < task.keys) pair = words_of(round_to_bfloat16(load(even + c, n)));
      if (k + 1 < task.keys) {
        pair |= words_of(round_to_bfloat16(load(even + task.value_stride + c, n))) << 16;
      }
      __builtin_memcpy(to + c / kPanelWidth * panel_size + c % kPanelWidth * kPair, &pair,
                       sizeof pair);
    });
  }
}

/// Scores [keys] of a query to exp(scale (score - max)) rounded, zeros up to `padded_keys`.
/// @return one over the sum of the rounded ones, so that what is weighted sums up to one
inline float softmax_reduced(const float* scores, std::size_t keys, float scale,
                             std::uint16_t* probabilities, std::size_t padded_keys) {
  const float lowest = -__builtin_inff();
  Floats highest = broadcast(lowest);
  for_each_vector(keys, [&](std::size_t k, std::size_t n) {
    highest = larger(highest, n == kLanes ? load(scores + k) : load_or(scores + k, n, lowest));
  });
  // exp(scale (score - max)) = 2^(factor score - factor max).
  const Floats factor = broadcast(scale * kLog2OfE);
  const Floats offset = -broadcast(largest_of(highest)) * factor;
  Floats sum = broadcast(0.0F);
  std::size_t end = 0;
  for_each_vector(keys, [&](std::size_t k, std::size_t n) {
    const Floats power = power_of_two_for_bfloat16(multiply_add(load(scores + k), factor, offset));
    const Halves rounded = round_to_bfloat16(n == kLanes ? power : keep_first(power, n));
    sum += floats_of(words_of(rounded) << 16);
    store(probabilities + k, rounded);
    end = k + kLanes;
  });
  for (; end < padded_keys; end += kLanes) {
    store(probabilities + end, Halves{});
  }
  return 1.0F / sum_of(sum);
}

/// Adds the terms to the scores [queries, keys] of some queries and the keys in a range. Scores are
/// not scaled yet.
inline void add_terms_to_rows(const AttentionTask& task, const KeyRange& range, std::size_t first,
                              std::size_t rows, float* scores, std::size_t stride) {
  const ScoreTerms& terms = task.terms;
  for (std::size_t r = 0; r < rows; ++r, scores += stride) {
    const std::uint32_t* const columns = terms.columns + (task.place + first + r);
    const float* const query =
        terms.query == nullptr ? nullptr : terms.query + (first + r) * terms.query_stride;
    for (std::size_t k = range.begin; k < range.end; ++k) {
      const std::uint32_t column = *(columns - k);
      if (query != nullptr) scores[k] += query[column];
      if (terms.key != nullptr) scores[k] += terms.key[k * terms.key_stride + column];
      if (terms.bias != nullptr) scores[k] += terms.bias[column] / task.scale;
    }
  }
}

template <class TilePolicy>
void attention_bfloat16(const AttentionTask& task) {
  static_assert(TilePolicy::kRows <= kReducedQueryRows &&
                kReducedQueryRows % TilePolicy::kRowGranule == 0);
  const ReducedScratch scratch(task);
  const std::size_t head_panels = panel_count(task.head_size);
  const float lowest = -__builtin_inff();
  alignas(kAlignment) float sums[TilePolicy::kRows * TilePolicy::kMostPanels * kPanelWidth];
  float weights[kReducedQueryRows];
  pack_keys(task, scratch);
  pack_values(task, scratch);
  [[maybe_unused]] const typename TilePolicy::Registers registers;

  for (std::size_t first = 0; first < task.query_rows; first += kReducedQueryRows) {
    const std::size_t rows = smallest(kReducedQueryRows, task.query_rows - first);
    for (std::size_t r = 0; r < rows; ++r) {
      round_row(task.query + (first + r) * task.query_stride, task.head_size,
                scratch.rows + r * scratch.features);
    }
    const std::size_t tile_rows = smallest(rows, TilePolicy::kRows);
    // From whole steps of a product on, so that a key has the same lane in every block.
    KeyRange seen = keys_in_reach(task, first, rows);
    seen.begin -= seen.begin % kKeyGranule;
    const std::size_t keys = seen.end - seen.begin;
    for_each_run(
        panel_count(keys), TilePolicy::panels(tile_rows), [&](std::size_t panel, std::size_t last) {
          const std::size_t column = seen.begin + panel * kPanelWidth;
          for_each_run<TilePolicy::kRowGranule>(
              rows, TilePolicy::kRows, [&](std::size_t top, std::size_t end) {
                const std::uint16_t* const panels = scratch.key_panels + column * scratch.features;
                TilePolicy::multiply({.input = scratch.rows + top * scratch.features,
                                      .input_stride = scratch.features,
                                      .input_step = 2,
                                      .weights = panels,
                                      .panel_stride = kPanelWidth * scratch.features,
                                      .weight_step = 2 * kPanelWidth,
                                      .steps = tile_steps<TilePolicy>(task.head_size),
                                      .prefetched = panels + 2 * kPanelWidth * kPrefetchSteps,
                                      .prefetch_step = 2 * kPanelWidth},
                                     end - top, last - panel,
                                     scratch.scores + top * scratch.keys + column, scratch.keys);
              });
        });
    if (task.terms.columns != nullptr) {
      add_terms_to_rows(task, seen, first, rows, scratch.scores, scratch.keys);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      const KeyRange own = keys_in_reach(task, first + r, 1);
      float* const scores = scratch.scores + r * scratch.keys;
      for (std::size_t k = seen.begin; k < own.begin; ++k) scores[k] = lowest;
      weights[r] = softmax_reduced(scores + seen.begin, own.end - seen.begin, task.scale,
                                   scratch.probabilities + r * scratch.keys + seen.begin,
                                   padded_input_features(keys, sizeof(std::uint16_t)));
    }
    for_each_run(
        head_panels, TilePolicy::panels(tile_rows), [&](std::size_t panel, std::size_t last) {
          const std::size_t padded = (last - panel) * kPanelWidth;
          const std::size_t columns = smallest(padded, task.head_size - panel * kPanelWidth);
          for_each_run<TilePolicy::kRowGranule>(
              rows, TilePolicy::kRows, [&](std::size_t top, std::size_t end) {
                const std::uint16_t* const values = scratch.value_panels +
                                                    panel * kPanelWidth * scratch.keys +
                                                    seen.begin * kPanelWidth;
                TilePolicy::multiply(
                    {.input = scratch.probabilities + top * scratch.keys + seen.begin,
                     .input_stride = scratch.keys,
                     .input_step = 2,
                     .weights = values,
                     .panel_stride = kPanelWidth * scratch.keys,
                     .weight_step = 2 * kPanelWidth,
                     .steps = tile_steps<TilePolicy>(keys),
                     .prefetched = values + 2 * kPanelWidth * kPrefetchSteps,
                     .prefetch_step = 2 * kPanelWidth},
                    end - top, last - panel, sums, padded);
                for (std::size_t r = top; r < end; ++r) {
                  const float* const from = sums + (r - top) * padded;
                  float* const to =
                      task.output + (first + r) * task.output_stride + panel * kPanelWidth;
                  for_each_vector(columns, [&](std::size_t c, std::size_t n) {
                    store(to + c, load(from + c) * broadcast(weights[r]), n);
                  });
                }
              });
        });
  }
}
