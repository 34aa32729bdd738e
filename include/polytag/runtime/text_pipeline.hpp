#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/core/batch.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/export.hpp"
#include "polytag/labels/text_scores.hpp"
#include "polytag/runtime/encoded_text.hpp"
#include "polytag/text/tokenizer.hpp"

namespace polytag {

/// The way from texts to batches of token ids and back, the same for every encoder and head:
/// encode() tokenizes and cuts or divides into windows; forward() forms batches of similar lengths,
/// spreads them over threads, and puts the answers into the order of the texts. Immutable; safe for
/// concurrent use.
class POLYTAG_EXPORT TextPipeline {
 public:
  struct Config {
    std::size_t maximum_tokens;  ///< special tokens included; room for one beside these
    std::optional<std::size_t> padded_length;  ///< every sequence is filled up to it
    std::size_t threads;                       ///< of the own pool; 0: all that the process may use
    InstructionSet instruction_set;
    std::size_t num_labels;
    std::size_t search_bytes;  ///< what a head takes for one sequence beside workspace and scores
  };

  /// The forward pass of one batch. Called from several threads at once, each with its own context.
  /// @return [batch], in its order
  using ForwardBatch =
      std::function<std::vector<TextScores>(const EncodedBatch&, const ExecutionContext&)>;

  /// @throws ConfigError if sequences are filled up and the tokenizer has no token for it
  TextPipeline(Tokenizer tokenizer, const Config& config);
  ~TextPipeline();
  TextPipeline(const TextPipeline&) = delete;
  TextPipeline& operator=(const TextPipeline&) = delete;

  /// @return [inputs], in their order
  /// @throws ArgumentError for windows with pairs or an overlap that leaves no progress, and for a
  ///         text whose tokens in windows, or whose form within the tokenizer, exceed the memory
  ///         budget; EncodingError for a text that has no token at all, special ones included
  std::vector<EncodedText> encode(std::span<const TextInput> inputs,
                                  const ClassifyOptions& options) const;

  /// @param texts  encoded by this pipeline, in one call or in several
  /// @return [texts], in their order
  /// @throws ArgumentError for a memory budget that is too small for one sequence; CancelledError;
  ///         whatever `forward` throws
  std::vector<TextScores> forward(std::span<const EncodedText> texts,
                                  const ClassifyOptions& options,
                                  const ForwardBatch& forward) const;

  /// How many of the texts, from the first on and at least one, may be held encoded and scored at a
  /// time within the memory budget.
  std::size_t texts_of_round(std::span<const TextInput> inputs,
                             const ClassifyOptions& options) const;

 private:
  struct Sequence;  // what goes through the encoder as one: a text, or a window of it
  class WorkspaceLease;
  class Run;

  Executor& executor(const ClassifyOptions& options) const;
  std::size_t special_tokens() const;  // of a single text
  std::size_t tokens_of_window() const;
  void make_room(std::string_view text, std::size_t budget, Encoding& encoding) const;
  bool fits_side_by_side(std::span<const TextInput> inputs, const ClassifyOptions& options,
                         std::size_t threads) const;
  EncodedText encoded(const TextInput& input, const ClassifyOptions& options) const;
  void divide(EncodedText& text, const WindowOptions& options) const;
  std::vector<Sequence> sequences(std::span<const EncodedText> texts) const;
  std::size_t length(const Sequence& sequence) const;
  void append(const Sequence& sequence, EncodedBatch& batch) const;

  Tokenizer tokenizer_;
  Config config_;
  std::unique_ptr<Executor> executor_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> idle_workspaces_;  // guarded by mutex_
};

/// A division of sequences into batches, and of batches among threads.
struct BatchPlan {
  std::vector<std::vector<std::size_t>> batches;  ///< indices of sequences, each once
  /// Whether batches run side by side, each on one thread, with no barrier between layers; else
  /// one after the other, each on all threads.
  bool side_by_side = false;
};

/// Forms batches of at most `batch_tokens` tokens (a longer sequence is a batch of its own), long
/// sequences first, so that the last batches to finish are the short ones. With work for every
/// thread, batches are as many as the threads can share evenly.
/// @param lengths  tokens of each sequence
POLYTAG_EXPORT BatchPlan plan_batches(std::span<const std::size_t> lengths,
                                      std::size_t batch_tokens, std::size_t threads);

}  // namespace polytag
