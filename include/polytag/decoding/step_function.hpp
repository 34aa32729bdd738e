#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// All sequences that are about to grow by one id: one row each, those of a text together, its best
/// first. Finished sequences are not among them.
struct DecodingStep {
  /// [rows] The row of the step before that each row continues, whose state it takes over. In the
  /// first step every text has one row, which continues row `text` of the initial state.
  std::span<const std::size_t> parents;
  std::span<const std::size_t> last_ids;  ///< [rows] what the sequences end in, at first start_id
  std::span<const std::size_t> texts;     ///< [rows] the text that each row belongs to
};

/// The model behind a search. It writes, for every row of the step, the logits of the next id into
/// the same row of [rows, vocabulary_size]. Minus infinity rules an id out.
template <class F>
concept StepFunction = std::invocable<F&, const DecodingStep&, MatrixView<float>>;

/// Options of greedy and of beam search.
struct DecodingOptions {
  std::size_t vocabulary_size = 0;
  std::size_t start_id = 0;  ///< the last id of an empty sequence; need not be in the vocabulary
  std::size_t end_id = 0;    ///< finishes a sequence, as its last id
  std::size_t maximum_length = 0;  ///< ids of a sequence, end_id included
  bool unique_ids = false;         ///< no id twice in a sequence
  /// [vocabulary_size], or empty for all: ids that may be emitted. end_id always may.
  std::vector<bool> allowed_ids;

  /// @throws ArgumentError for sizes of 0, an end_id outside the vocabulary, another number of
  ///         allowed_ids
  void validate() const {
    if (vocabulary_size == 0) throw ArgumentError::mismatch("vocabulary_size", "at least 1", "0");
    if (maximum_length == 0) throw ArgumentError::mismatch("maximum_length", "at least 1", "0");
    if (end_id >= vocabulary_size) {
      throw ArgumentError::mismatch("end_id", "less than " + std::to_string(vocabulary_size),
                                    std::to_string(end_id));
    }
    if (!allowed_ids.empty() && allowed_ids.size() != vocabulary_size) {
      throw ArgumentError::mismatch("allowed_ids", std::to_string(vocabulary_size) + " entries",
                                    std::to_string(allowed_ids.size()));
    }
  }

  /// Whether a sequence may be continued by an id.
  bool permits(std::size_t id, std::span<const std::size_t> sequence) const {
    if (id == end_id) return true;
    if (!allowed_ids.empty() && !allowed_ids[id]) return false;
    if (!unique_ids) return true;
    for (const std::size_t used : sequence) {
      if (used == id) return false;
    }
    return true;
  }
};

/// A sequence that a search found.
struct DecodedSequence {
  std::vector<std::size_t> ids;  ///< with the end_id if finished
  float log_probability = 0;     ///< natural logarithm, of the model: what options rule out counts
  bool finished = false;         ///< whether it ends in end_id
};

/// Logits become log-probabilities, in place, in float32.
/// @throws ArgumentError if the logits are no distribution: a NaN, plus infinity, or nothing but
///         minus infinity
inline void log_softmax(std::span<float> logits, std::size_t text) {
  float maximum = -std::numeric_limits<float>::infinity();
  for (const float logit : logits) maximum = std::max(maximum, logit);
  float sum = 0;
  for (const float logit : logits) sum += std::exp(logit - maximum);  // NaN if any difference is
  if (std::isnan(sum)) {
    throw ArgumentError::mismatch("logits of text " + std::to_string(text),
                                  "finite numbers, some of which may be minus infinity",
                                  "NaN, infinity or minus infinity alone");
  }
  const float log_sum = std::log(sum);
  for (float& logit : logits) logit = logit - maximum - log_sum;
}

}  // namespace polytag
