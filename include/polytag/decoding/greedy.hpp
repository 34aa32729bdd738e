#pragma once

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "polytag/decoding/step_function.hpp"

namespace polytag {

/// Decodes texts by taking the most probable id at each step, the lowest of equals. Every text ends
/// as if it were alone: its rows are no longer stepped once it is finished. A text that can go
/// nowhere, because its logits and options rule out every id, ends unfinished.
/// @return [texts]
/// @throws ArgumentError for invalid options, and for logits that are no distribution
template <StepFunction Step>
std::vector<DecodedSequence> greedy_search(std::size_t texts, const DecodingOptions& options,
                                           Step&& step) {
  options.validate();
  std::vector<DecodedSequence> sequences(texts);
  std::vector<std::size_t> parents(texts), last_ids(texts, options.start_id), open(texts);
  for (std::size_t text = 0; text < texts; ++text) parents[text] = open[text] = text;
  std::vector<float> logits;
  for (std::size_t length = 1; length <= options.maximum_length && !open.empty(); ++length) {
    // NaN marks logits that the step function leaves unwritten.
    logits.assign(open.size() * options.vocabulary_size, std::numeric_limits<float>::quiet_NaN());
    const MatrixView<float> rows(logits.data(), open.size(), options.vocabulary_size);
    step(DecodingStep{parents, last_ids, open}, rows);

    std::vector<std::size_t> still_open;
    parents.clear();
    last_ids.clear();
    for (std::size_t row = 0; row < open.size(); ++row) {
      DecodedSequence& sequence = sequences[open[row]];
      log_softmax(rows.row(row), open[row]);
      float best = -std::numeric_limits<float>::infinity();
      std::size_t best_id = options.vocabulary_size;
      for (std::size_t id = 0; id < options.vocabulary_size; ++id) {
        if (rows.row(row)[id] > best && options.permits(id, sequence.ids)) {
          best = rows.row(row)[id];
          best_id = id;
        }
      }
      if (best_id == options.vocabulary_size) continue;
      sequence.ids.push_back(best_id);
      sequence.log_probability += best;
      sequence.finished = best_id == options.end_id;
      if (sequence.finished) continue;
      still_open.push_back(open[row]);
      parents.push_back(row);
      last_ids.push_back(best_id);
    }
    open = std::move(still_open);
  }
  return sequences;
}

}  // namespace polytag
