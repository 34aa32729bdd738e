// What attention does beside dot products: windows, and terms of relative position. Scores are
// [keys, queries], a query in each lane.

#pragma once

#include "kernels/isa/tile.inl"

struct KeyRange {
  std::size_t begin;
  std::size_t end;
};

/// The keys that any of some query rows sees.
inline KeyRange keys_in_reach(const AttentionTask& task, std::size_t first, std::size_t rows) {
  if (task.window == kNoWindow) return {0, task.keys};
  const std::size_t place = task.place + first;
  return {place > task.window ? place - task.window : 0,
          smallest(task.keys, place + rows + task.window)};
}

inline AttentionTask with_keys(const AttentionTask& task, const KeyRange& range) {
  AttentionTask part = task;
  part.key += range.begin * task.key_stride;
  part.value += range.begin * task.value_stride;
  part.keys = range.end - range.begin;
  return part;
}

/// Adds the terms to the scores of the keys in a range.
inline void add_terms(const AttentionTask& task, const KeyRange& range, std::size_t first,
                      std::size_t rows, std::size_t width, float* scores) {
  const ScoreTerms& terms = task.terms;
  for (std::size_t k = range.begin; k < range.end; ++k, scores += width) {
    const std::uint32_t* const columns = terms.columns + (task.place + first) - k;
    if (terms.query != nullptr) {
      const float* term = terms.query + first * terms.query_stride;
      for (std::size_t q = 0; q < rows; ++q, term += terms.query_stride) {
        scores[q] += task.scale * term[columns[q]];
      }
    }
    if (terms.key != nullptr) {
      const float* const term = terms.key + k * terms.key_stride;
      for (std::size_t q = 0; q < rows; ++q) scores[q] += task.scale * term[columns[q]];
    }
    if (terms.bias != nullptr) {
      for (std::size_t q = 0; q < rows; ++q) scores[q] += terms.bias[columns[q]];
    }
  }
}

/// Makes the scores of keys beyond the window count nothing.
inline void hide_far_keys(const AttentionTask& task, const KeyRange& range, std::size_t first,
                          std::size_t width, float* scores) {
  const float lowest = -__builtin_inff();
  const std::size_t place = task.place + first;
  for (std::size_t k = range.begin; k < range.end; ++k, scores += width) {
    // Queries from `near` to before `far` see the key.
    const std::size_t near = k > place + task.window ? smallest(width, k - task.window - place) : 0;
    const std::size_t far = k + task.window + 1 > place ? k + task.window + 1 - place : 0;
    for (std::size_t q = 0; q < near; ++q) scores[q] = lowest;
    for (std::size_t q = far; q < width; ++q) scores[q] = lowest;
  }
}
