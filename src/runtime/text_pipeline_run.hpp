#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "polytag/runtime/text_pipeline.hpp"
#include "runtime/memory_budget.hpp"

namespace polytag {

struct TextPipeline::Sequence {
  std::size_t index;  // of its text
  const EncodedText* text;
  std::size_t begin;  // of its tokens in the text's
  std::size_t tokens;

  /// Whether it is one of several windows. A window gets its special tokens in the batch.
  bool is_window() const noexcept { return text->windows.has_value(); }
  bool is_part() const noexcept { return is_window() && text->windows->count > 1; }
};

/// Bytes held for a sequence: its length and its places in the plan, with the slack of vectors.
inline constexpr std::size_t kBytesPerSequence = 128 + sizeof(TextScores);

/// Bytes held for a sequence and its answer.
inline std::size_t bytes_per_answer(std::size_t labels) {
  return kBytesPerSequence + labels * sizeof(float);
}

/// The forward passes of one call, within its memory budget.
class TextPipeline::Run {
 public:
  /// Borrows all of them.
  Run(const TextPipeline& pipeline, const ClassifyOptions& options, Executor& executor,
      const ForwardBatch& forward)
      : pipeline_(pipeline),
        options_(options),
        budget_(options.memory_budget),
        executor_(executor),
        forward_(forward) {}

  /// @param held  bytes of the budget that the call works with elsewhere
  /// @return [sequences], in their order
  /// @throws ArgumentError for a budget that is too small; CancelledError; what `forward` throws
  std::vector<TextScores> answers(std::span<const Sequence> sequences, std::size_t held);

 private:
  using Limit = std::optional<std::size_t>;  // bytes

  void run(const BatchPlan& plan, Executor& executor, const Limit& limit);
  void run_within_budget(const BatchPlan& plan, std::size_t held);
  void run_parts(std::span<const std::size_t> batch, Executor& executor, const Limit& limit);
  void run_batch(std::span<const std::size_t> batch, Executor& executor, const Limit& limit);

  std::size_t bytes_beside_workspace(std::size_t sequences, std::size_t tokens) const;
  std::size_t bytes_that_are_enough(std::size_t sequence, std::size_t limit) const;
  std::size_t tokens_of(std::span<const std::size_t> batch) const;
  EncodedBatch encoded(std::span<const std::size_t> batch) const;
  bool is_done(std::span<const std::size_t> batch) const;

  const TextPipeline& pipeline_;
  const ClassifyOptions& options_;
  MemoryBudget budget_;
  Executor& executor_;
  const ForwardBatch& forward_;
  std::span<const Sequence> sequences_;
  std::vector<std::size_t> lengths_;  // [sequences], in tokens
  std::vector<TextScores> outputs_;   // [sequences]
  /// Batches of so many tokens were too large for the limit.
  std::atomic<std::size_t> too_many_tokens_{static_cast<std::size_t>(-1)};
};

}  // namespace polytag
