#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/decoding/step_function.hpp"

namespace polytag {

struct BeamSearchOptions : DecodingOptions {
  std::size_t beam_width = 1;
  /// How many sequences are wanted. The search of a text ends as soon as these are certain: when
  /// they are finished and no open beam can still overtake them.
  /// 0: all beams, so the search goes on until all are finished.
  std::size_t n_best = 0;
  /// Beams are ranked by log_probability / ((5 + length) / 6)^length_penalty (Wu et al. 2016,
  /// eq. 14), where the length counts every id, end_id included. At least 0, which is no penalty.
  float length_penalty = 0;

  /// @throws ArgumentError for what DecodingOptions rejects, for a width of 0, more wanted than
  ///         the width, a penalty that is negative or not finite
  void validate() const {
    DecodingOptions::validate();
    if (beam_width == 0) throw ArgumentError::mismatch("beam_width", "at least 1", "0");
    if (n_best > beam_width) {
      throw ArgumentError::mismatch("n_best", "at most beam_width, " + std::to_string(beam_width),
                                    std::to_string(n_best));
    }
    if (!(length_penalty >= 0 && std::isfinite(length_penalty))) {
      throw ArgumentError::mismatch("length_penalty", "a finite number, at least 0",
                                    std::to_string(length_penalty));
    }
  }
};

/// The beams of one text after one step: [beams], best first. A finished beam is continued with
/// end_id.
struct BeamSearchStep {
  std::vector<std::size_t> ids;
  std::vector<std::size_t> parents;  ///< places in the step before, whose beams these continue
  std::vector<float> scores;         ///< log-probabilities after the penalty
};

/// The result of a beam search for one text.
struct BeamSearchResult {
  std::vector<DecodedSequence> sequences;  ///< n_best of them, or fewer if there are no more
  std::vector<float> scores;               ///< [sequences] log-probabilities after the penalty
  std::vector<BeamSearchStep> steps;       ///< that led to them
};

namespace detail {

/// A beam's continuation. Of equal scores the lower (parent, id) wins, as in tf.math.top_k over
/// the flattened [beams, vocabulary].
struct BeamCandidate {
  float score;
  float log_probability;
  std::size_t parent;
  std::size_t id;

  bool operator<(const BeamCandidate& other) const {
    if (score != other.score) return score > other.score;
    return parent != other.parent ? parent < other.parent : id < other.id;
  }
};

/// The beams of one text.
class BeamSearchOfText {
 public:
  BeamSearchOfText(const BeamSearchOptions& options, std::size_t text)
      : options_(options), text_(text), beams_(1, Beam{{}, 0, text}) {}

  /// Appends the text's open beams to a step and remembers which rows they got.
  void append_open_rows(std::vector<std::size_t>& parents, std::vector<std::size_t>& last_ids,
                        std::vector<std::size_t>& texts) {
    if (done_) return;
    for (Beam& beam : beams_) {
      if (beam.sequence.finished) continue;
      parents.push_back(std::exchange(beam.row, texts.size()));
      last_ids.push_back(beam.sequence.ids.empty() ? options_.start_id : beam.sequence.ids.back());
      texts.push_back(text_);
    }
  }

  /// Replaces the beams by the best of their continuations.
  void advance(MatrixView<float> logits, std::vector<BeamCandidate>& candidates);

  BeamSearchResult result() &&;

 private:
  struct Beam {
    DecodedSequence sequence;
    float score;
    std::size_t row;  // of the last step, in which it or its parent was stepped
  };

  /// The divisor of the log-probability of a sequence; exactly 1 without a penalty.
  float penalty(std::size_t length) const {
    return std::pow((5.0F + static_cast<float>(length)) / 6.0F, options_.length_penalty);
  }
  /// Inserts a candidate in its place among the best, if it is one of them.
  void consider(const BeamCandidate& candidate, std::vector<BeamCandidate>& best) const {
    if (best.size() == options_.beam_width) {
      if (!(candidate < best.back())) return;
      best.pop_back();
    }
    best.insert(std::upper_bound(best.begin(), best.end(), candidate), candidate);
  }
  bool n_best_are_certain() const;

  const BeamSearchOptions& options_;
  std::size_t text_;
  std::vector<Beam> beams_;  // best first
  std::vector<BeamSearchStep> steps_;
  bool done_ = false;
};

inline void BeamSearchOfText::advance(MatrixView<float> logits,
                                      std::vector<BeamCandidate>& candidates) {
  if (done_) return;
  candidates.clear();
  for (std::size_t parent = 0; parent < beams_.size(); ++parent) {
    const Beam& beam = beams_[parent];
    const DecodedSequence& sequence = beam.sequence;
    if (sequence.finished) {
      consider({beam.score, sequence.log_probability, parent, options_.end_id}, candidates);
      continue;
    }
    const std::span<float> log_probabilities = logits.row(beam.row);
    log_softmax(log_probabilities, text_);
    const float divisor = penalty(sequence.ids.size() + 1);
    for (std::size_t id = 0; id < options_.vocabulary_size; ++id) {
      const float total = sequence.log_probability + log_probabilities[id];
      if (std::isinf(total) || !options_.permits(id, sequence.ids)) continue;
      consider({total / divisor, total, parent, id}, candidates);
    }
  }

  std::vector<Beam> next;
  BeamSearchStep& step = steps_.emplace_back();
  for (const BeamCandidate& candidate : candidates) {
    const Beam& parent = beams_[candidate.parent];
    Beam& beam = next.emplace_back(parent);
    if (!parent.sequence.finished) beam.sequence.ids.push_back(candidate.id);
    beam.sequence.log_probability = candidate.log_probability;
    beam.sequence.finished = candidate.id == options_.end_id;
    beam.score = candidate.score;
    step.ids.push_back(candidate.id);
    step.parents.push_back(candidate.parent);
    step.scores.push_back(candidate.score);
  }
  beams_ = std::move(next);
  done_ = n_best_are_certain();
}

/// True if no open beam can still enter the n best. An upper bound of an open beam's final score is
/// its present log-probability divided by the penalty at maximum length. Ties keep the earlier
/// beam.
inline bool BeamSearchOfText::n_best_are_certain() const {
  const std::size_t wanted = options_.n_best == 0 ? options_.beam_width : options_.n_best;
  for (std::size_t place = 0; place < beams_.size(); ++place) {
    const Beam& beam = beams_[place];
    if (beam.sequence.finished) continue;
    const float bound = beam.sequence.log_probability / penalty(options_.maximum_length);
    if (place < wanted || bound > beams_[wanted - 1].score) return false;
  }
  return true;
}

inline BeamSearchResult BeamSearchOfText::result() && {
  BeamSearchResult result;
  const std::size_t wanted = options_.n_best == 0 ? options_.beam_width : options_.n_best;
  for (std::size_t place = 0; place < std::min(wanted, beams_.size()); ++place) {
    result.sequences.push_back(std::move(beams_[place].sequence));
    result.scores.push_back(beams_[place].score);
  }
  result.steps = std::move(steps_);
  return result;
}

}  // namespace detail

/// Decodes texts by beam search, as TensorFlow's BeamSearchDecoder does: a finished beam keeps its
/// place among the beams until better ones push it out, and a search ends when all of its beams
/// are finished or at maximum_length. Every text's result is what it would be alone. Where fewer
/// continuations exist than beam_width, there are fewer beams; none, if nothing is permitted.
/// @param logits  scratch memory, [texts * beam_width * vocabulary_size]
/// @return [texts]
/// @throws ArgumentError for invalid options, and for logits that are no distribution
template <StepFunction Step>
std::vector<BeamSearchResult> beam_search(std::size_t texts, const BeamSearchOptions& options,
                                          std::span<float> logits, Step&& step) {
  options.validate();
  std::vector<detail::BeamSearchOfText> searches;
  for (std::size_t text = 0; text < texts; ++text) searches.emplace_back(options, text);
  std::vector<std::size_t> parents, last_ids, row_texts;
  std::vector<detail::BeamCandidate> candidates;
  for (std::size_t length = 1; length <= options.maximum_length; ++length) {
    parents.clear();
    last_ids.clear();
    row_texts.clear();
    for (auto& search : searches) search.append_open_rows(parents, last_ids, row_texts);
    if (row_texts.empty()) break;
    const MatrixView<float> rows(logits.data(), row_texts.size(), options.vocabulary_size);
    // NaN marks logits that the step function leaves unwritten.
    std::ranges::fill(logits.first(rows.rows * rows.columns),
                      std::numeric_limits<float>::quiet_NaN());
    step(DecodingStep{parents, last_ids, row_texts}, rows);
    for (auto& search : searches) search.advance(rows, candidates);
  }
  std::vector<BeamSearchResult> results;
  for (auto& search : searches) results.push_back(std::move(search).result());
  return results;
}

/// The same with scratch memory of its own.
template <StepFunction Step>
std::vector<BeamSearchResult> beam_search(std::size_t texts, const BeamSearchOptions& options,
                                          Step&& step) {
  options.validate();
  std::vector<float> logits(texts * options.beam_width * options.vocabulary_size);
  return beam_search(texts, options, logits, std::forward<Step>(step));
}

}  // namespace polytag
