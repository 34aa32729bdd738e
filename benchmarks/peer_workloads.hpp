#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/runtime/text_pipeline.hpp"
#include "polytag/text/tokenizer.hpp"

/// What peer_driver.cpp measures: calls that are repeated and timed one by one.
namespace polytag {

using Json = nlohmann::json;
using Sequence = std::vector<std::int32_t>;

/// Hidden states by which engines are compared, one row for each sequence.
struct States {
  std::vector<std::vector<float>> first;   ///< [sequences][hidden], the [CLS] rows
  std::vector<std::vector<float>> pooled;  ///< the means over all rows; empty if not computed
};

class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::size_t calls() const = 0;
  virtual void run(std::size_t call) = 0;
  virtual States states() { return {}; }
};

/// Token ids that lie ready. Each call is a batch, or all sequences at once where the order is
/// free; in either case classify()'s plan decides what goes through the encoder together.
template <KernelBackend Backend>
class IdsWorkload final : public Workload {
 public:
  IdsWorkload(const BertEncoder<Backend>& encoder, HiddenRows rows, ThreadPool& pool,
              const Json& order)
      : encoder_(encoder), rows_(rows), pool_(pool), workspaces_(pool.concurrency()) {
    const auto given = order.at("batches").get<std::vector<std::vector<Sequence>>>();
    for (const auto& sequences : given) calls_.push_back(plan(sequences));
  }

  std::size_t calls() const override { return calls_.size(); }

  void run(std::size_t number) override {
    const Call& call = calls_[number];
    if (!call.plan.side_by_side) {
      for (const EncodedBatch& batch : call.batches) {
        const Workspace::Scope scope(workspaces_[0]);
        forward(batch, workspaces_[0], pool_);
      }
      return;
    }
    std::atomic<std::size_t> next{0};
    pool_.run(workspaces_.size(), [&](std::size_t thread) {
      SerialExecutor serial;
      for (std::size_t i = next.fetch_add(1); i < call.batches.size(); i = next.fetch_add(1)) {
        const Workspace::Scope scope(workspaces_[thread]);
        forward(call.batches[i], workspaces_[thread], serial);
      }
    });
  }

  States states() override {
    States states;
    for (const Call& call : calls_) {
      const std::size_t before = states.first.size();
      for (const auto& indices : call.plan.batches) {
        states.first.resize(states.first.size() + indices.size());
      }
      if (rows_ == HiddenRows::kAll) states.pooled.resize(states.first.size());
      for (std::size_t number = 0; number < call.batches.size(); ++number) {
        const Workspace::Scope scope(workspaces_[0]);
        const EncoderOutput output = forward(call.batches[number], workspaces_[0], pool_);
        for (std::size_t i = 0; i < output.size(); ++i) {
          const std::size_t index = before + call.plan.batches[number][i];
          const auto row = output.first_token(i);
          states.first[index].assign(row.begin(), row.end());
          if (rows_ == HiddenRows::kAll) states.pooled[index] = mean_row(output, i);
        }
      }
    }
    return states;
  }

 private:
  struct Call {
    BatchPlan plan;
    std::vector<EncodedBatch> batches;
  };

  Call plan(const std::vector<Sequence>& sequences) const {
    std::vector<std::size_t> lengths;
    for (const Sequence& ids : sequences) lengths.push_back(ids.size());
    Call call{plan_batches(lengths, ClassifyOptions().batch_tokens, pool_.concurrency()), {}};
    for (const auto& indices : call.plan.batches) {
      EncodedBatch& batch = call.batches.emplace_back();
      for (const std::size_t i : indices) {
        batch.append(sequences[i], Sequence(sequences[i].size()), sequences[i].size());
      }
    }
    return call;
  }

  EncoderOutput forward(const EncodedBatch& batch, Workspace& workspace, Executor& executor) {
    return encoder_.forward(batch, rows_, {workspace, executor, default_instruction_set()});
  }

  static std::vector<float> mean_row(const EncoderOutput& output, std::size_t sequence) {
    std::vector<float> mean(output.hidden_states.columns);
    const std::size_t begin = output.row_starts[sequence];
    const std::size_t end = output.row_starts[sequence + 1];
    for (std::size_t row = begin; row < end; ++row) {
      const auto values = output.hidden_states.row(row);
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i] += values[i] / static_cast<float>(end - begin);
      }
    }
    return mean;
  }

  const BertEncoder<Backend>& encoder_;
  HiddenRows rows_;
  ThreadPool& pool_;
  std::vector<Workspace> workspaces_;  // of each thread
  std::vector<Call> calls_;
};

/// Texts of an order, so many in each call (all of them, if it does not say).
class Texts {
 public:
  explicit Texts(const Json& order)
      : texts_(order.at("texts").get<std::vector<std::string>>()),
        inputs_(texts_.begin(), texts_.end()),
        in_a_call_(order.value("texts_in_a_call", texts_.size())) {}

  std::size_t calls() const { return (inputs_.size() + in_a_call_ - 1) / in_a_call_; }
  std::span<const TextInput> all() const { return inputs_; }
  std::span<const TextInput> call(std::size_t number) const {
    const auto rest = all().subspan(number * in_a_call_);
    return rest.first(std::min(in_a_call_, rest.size()));
  }

 private:
  std::vector<std::string> texts_;
  std::vector<TextInput> inputs_;  // borrow from texts_
  std::size_t in_a_call_;
};

/// From texts to hidden states in their order: all that classify() does but for the head, which
/// peers have not got either.
template <KernelBackend Backend>
class TextsWorkload final : public Workload {
 public:
  TextsWorkload(const BertEncoder<Backend>& encoder, HiddenRows rows, Tokenizer tokenizer,
                ThreadPool& pool, const Json& order)
      : encoder_(encoder),
        rows_(rows),
        texts_(order),
        pipeline_(std::move(tokenizer), {.maximum_tokens = order.at("maximum_tokens"),
                                         .padded_length = std::nullopt,
                                         .threads = 1,
                                         .instruction_set = default_instruction_set(),
                                         .num_labels = encoder.config().hidden_size,
                                         .search_bytes = 0}) {
    options_.executor = &pool;
  }

  std::size_t calls() const override { return texts_.calls(); }
  void run(std::size_t call) override { first_rows(texts_.call(call)); }
  States states() override {
    States states;
    for (TextScores& result : first_rows(texts_.all())) {
      states.first.push_back(std::move(result.scores));
    }
    return states;
  }

 private:
  std::vector<TextScores> first_rows(std::span<const TextInput> texts) const {
    return pipeline_.forward(pipeline_.encode(texts, options_), options_,
                             [&](const EncodedBatch& batch, const ExecutionContext& context) {
                               const EncoderOutput output = encoder_.forward(batch, rows_, context);
                               std::vector<TextScores> answers(output.size());
                               for (std::size_t i = 0; i < output.size(); ++i) {
                                 const auto row = output.first_token(i);
                                 answers[i].scores.assign(row.begin(), row.end());
                               }
                               return answers;
                             });
  }

  const BertEncoder<Backend>& encoder_;
  HiddenRows rows_;
  Texts texts_;
  ClassifyOptions options_;
  TextPipeline pipeline_;
};

/// From texts to labels: a whole classifier.
class ClassifierWorkload final : public Workload {
 public:
  ClassifierWorkload(const MultiLabelClassifier& classifier, const Json& order)
      : classifier_(classifier), texts_(order) {}

  std::size_t calls() const override { return texts_.calls(); }
  void run(std::size_t call) override { classifier_.classify(texts_.call(call)); }
  States states() override {
    States states;
    for (TextScores& text : classifier_.scores(texts_.all())) {
      states.first.push_back(std::move(text.scores));
    }
    return states;
  }

 private:
  const MultiLabelClassifier& classifier_;
  Texts texts_;
};

}  // namespace polytag
