#include "runtime/text_pipeline_run.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Bytes that the layers allocate for a batch beside the workspace, whatever its size.
constexpr std::size_t kBytesPerBatch = 8192;

}  // namespace

/// A workspace that nobody else uses until the lease ends.
class TextPipeline::WorkspaceLease {
 public:
  explicit WorkspaceLease(const TextPipeline& pipeline) : pipeline_(pipeline) {
    const std::lock_guard lock(pipeline_.mutex_);
    if (!pipeline_.idle_workspaces_.empty()) {
      workspace_ = std::move(pipeline_.idle_workspaces_.back());
      pipeline_.idle_workspaces_.pop_back();
    } else {
      workspace_ = std::make_unique<Workspace>();
      // Room to come back to, so that the return cannot fail.
      pipeline_.idle_workspaces_.reserve(pipeline_.idle_workspaces_.capacity() + 1);
    }
  }
  ~WorkspaceLease() {
    const std::lock_guard lock(pipeline_.mutex_);
    pipeline_.idle_workspaces_.push_back(std::move(workspace_));
  }
  WorkspaceLease(const WorkspaceLease&) = delete;
  WorkspaceLease& operator=(const WorkspaceLease&) = delete;

  Workspace& operator*() const { return *workspace_; }

 private:
  const TextPipeline& pipeline_;
  std::unique_ptr<Workspace> workspace_;
};

std::vector<TextScores> TextPipeline::Run::answers(std::span<const Sequence> sequences,
                                                   std::size_t held) {
  sequences_ = sequences;
  outputs_ = std::vector<TextScores>(sequences.size());
  lengths_.clear();
  for (const Sequence& sequence : sequences) lengths_.push_back(pipeline_.length(sequence));
  const BatchPlan plan = plan_batches(lengths_, options_.batch_tokens, executor_.concurrency());
  if (budget_.is_limited()) {
    run_within_budget(plan,
                      held + sequences.size() * bytes_per_answer(pipeline_.config_.num_labels));
  } else {
    run(plan, executor_, std::nullopt);
  }
  return std::move(outputs_);
}

void TextPipeline::Run::run_within_budget(const BatchPlan& plan, std::size_t held) {
  const std::size_t rest = budget_.for_batches(held);
  try {
    return run(plan, executor_, rest);
  } catch (const WorkspaceFull&) {
    // Threads that share the work need more at a time than one.
  }
  SerialExecutor serial;
  try {
    run(plan, serial, rest);
  } catch (const WorkspaceFull&) {
    const std::size_t longest = plan.batches.front().front();
    const std::size_t needed = bytes_that_are_enough(longest, rest);
    const std::size_t enough = MemoryBudget::enough(held, needed, sequences_.size() == 1);
    throw ArgumentError::mismatch("memory_budget",
                                  std::to_string(enough) +
                                      " bytes, which are enough for a text of " +
                                      std::to_string(lengths_[longest]) + " tokens",
                                  std::to_string(budget_.bytes()));
  }
}

void TextPipeline::Run::run(const BatchPlan& plan, Executor& executor, const Limit& limit) {
  if (plan.side_by_side && executor.concurrency() > 1) {
    const Limit each = limit ? Limit(*limit / executor.concurrency()) : Limit();
    executor.run(plan.batches.size(), [&](std::size_t number) {
      SerialExecutor serial;
      run_parts(plan.batches[number], serial, each);
    });
  } else {
    for (const auto& batch : plan.batches) run_parts(batch, executor, limit);
  }
}

/// Runs a batch, or its halves if it does not fit.
void TextPipeline::Run::run_parts(std::span<const std::size_t> batch, Executor& executor,
                                  const Limit& limit) {
  const std::size_t tokens = tokens_of(batch);
  if (batch.size() == 1 || tokens < too_many_tokens_.load()) {
    try {
      return run_batch(batch, executor, limit);
    } catch (const WorkspaceFull&) {
      if (batch.size() == 1) throw;
      std::size_t known = too_many_tokens_.load();
      while (tokens < known && !too_many_tokens_.compare_exchange_weak(known, tokens)) {
      }
    }
  }
  run_parts(batch.first(batch.size() / 2), executor, limit);
  run_parts(batch.subspan(batch.size() / 2), executor, limit);
}

void TextPipeline::Run::run_batch(std::span<const std::size_t> batch, Executor& executor,
                                  const Limit& limit) {
  if (options_.stop.stop_requested()) throw CancelledError::requested();
  if (limit && is_done(batch)) return;  // before others did not fit
  const auto run_in = [&](Workspace& workspace) {
    const Workspace::Scope scope(workspace);
    const EncodedBatch ids = encoded(batch);
    auto answers = forward_(ids, {workspace, executor, pipeline_.config_.instruction_set});
    for (std::size_t i = 0; i < answers.size(); ++i) outputs_[batch[i]] = std::move(answers[i]);
  };
  if (!limit) {
    const WorkspaceLease lease(pipeline_);
    return run_in(*lease);
  }
  const std::size_t beside = bytes_beside_workspace(batch.size(), tokens_of(batch));
  if (beside > *limit) throw WorkspaceFull();
  Workspace workspace(*limit - beside);
  run_in(workspace);
}

std::size_t TextPipeline::Run::bytes_beside_workspace(std::size_t sequences,
                                                      std::size_t tokens) const {
  // Ids and types, and what recurrent layers note of the steps of both directions.
  constexpr std::size_t kToken = 2 * sizeof(std::int32_t) + 4 * sizeof(std::size_t);
  return kBytesPerBatch + tokens * kToken +
         sequences * (kBytesPerSequence + pipeline_.config_.search_bytes +
                      // as the head gives them, and as they are handed on
                      2 * pipeline_.config_.num_labels * sizeof(float));
}

/// Bytes with which a sequence that did not fit gets its answer. What a forward pass needs grows no
/// faster than its sequence, so a piece that does fit tells.
std::size_t TextPipeline::Run::bytes_that_are_enough(std::size_t sequence,
                                                     std::size_t limit) const {
  const Sequence& whole = sequences_[sequence];
  for (std::size_t tokens = whole.tokens / 2; tokens > 0; tokens /= 2) {
    const std::size_t beside = bytes_beside_workspace(1, tokens);
    if (beside > limit) continue;
    EncodedBatch piece;
    piece.append(std::span(whole.text->ids).first(tokens), std::vector<std::int32_t>(tokens, 0),
                 tokens);
    Workspace workspace(limit - beside);
    SerialExecutor serial;
    try {
      const Workspace::Scope scope(workspace);
      forward_(piece, {workspace, serial, pipeline_.config_.instruction_set});
    } catch (const WorkspaceFull&) {
      continue;
    }
    const std::size_t length = lengths_[sequence];
    return bytes_beside_workspace(1, length) + workspace.peak() * ((length + tokens - 1) / tokens);
  }
  // Even one token does not fit. This many bytes are more than now; the next error names more.
  return std::max(budget_.bytes(), bytes_beside_workspace(1, lengths_[sequence]));
}

std::size_t TextPipeline::Run::tokens_of(std::span<const std::size_t> batch) const {
  std::size_t tokens = 0;
  for (const std::size_t index : batch) tokens += lengths_[index];
  return tokens;
}

EncodedBatch TextPipeline::Run::encoded(std::span<const std::size_t> batch) const {
  const std::size_t tokens = tokens_of(batch);
  EncodedBatch ids;
  ids.input_ids.reserve(tokens);
  ids.token_type_ids.reserve(tokens);
  ids.sequence_starts.reserve(batch.size() + 1);
  ids.attended_lengths.reserve(batch.size());
  for (const std::size_t index : batch) pipeline_.append(sequences_[index], ids);
  return ids;
}

bool TextPipeline::Run::is_done(std::span<const std::size_t> batch) const {
  return std::ranges::none_of(batch,
                              [&](std::size_t index) { return outputs_[index].scores.empty(); });
}

}  // namespace polytag
