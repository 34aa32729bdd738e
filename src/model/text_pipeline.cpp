#include "polytag/model/text_pipeline.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Fewer tokens than this do not keep a thread busy on its own: threads then share the work inside
/// each layer, where every one of them streams only its part of the weights.
constexpr std::size_t kTokensWorthAThread = 128;

/// Texts that one task tokenizes: enough to make its start cheap, few enough for balance.
constexpr std::size_t kTextsPerTask = 64;

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads == 0) threads = available_threads();
  if (threads == 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadPool>(threads);
}

/// Weights that are not finite, or make sums that are not, leave no probability to decide by.
void check_scores(std::span<const float> scores) {
  for (std::size_t label = 0; label < scores.size(); ++label) {
    if (scores[label] >= 0.0F && scores[label] <= 1.0F) continue;
    throw EncodingError::mismatch("", "score of label " + std::to_string(label),
                                  "a number from 0 to 1",
                                  std::to_string(scores[label]) + " (are all weights finite?)");
  }
}

/// Takes the scores of a window into those of its text: the largest, or the sum.
void pool_window(WindowPooling pooling, std::span<const float> window, std::span<float> scores) {
  for (std::size_t label = 0; label < scores.size(); ++label) {
    scores[label] = pooling == WindowPooling::kMax ? std::max(scores[label], window[label])
                                                   : scores[label] + window[label];
  }
}

}  // namespace

struct TextPipeline::Sequence {
  std::size_t input;    // whose text it is part of
  std::size_t windows;  // how many sequences that text became
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> token_type_ids;
  std::size_t truncated_tokens;
};

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

TextPipeline::TextPipeline(Tokenizer tokenizer, const Config& config)
    : tokenizer_(std::move(tokenizer)), config_(config), executor_(make_executor(config.threads)) {}

TextPipeline::~TextPipeline() = default;

BatchPlan plan_batches(std::span<const std::size_t> lengths, std::size_t batch_tokens,
                       std::size_t threads) {
  const std::size_t total = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  BatchPlan plan;
  plan.side_by_side = threads > 1 && lengths.size() > 1 && total >= threads * kTokensWorthAThread;
  if (plan.side_by_side) {
    const std::size_t least = (total + batch_tokens - 1) / batch_tokens;
    const std::size_t even = (least + threads - 1) / threads * threads;
    batch_tokens = (total + even - 1) / even;
  }

  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return lengths[i]; });
  std::size_t tokens = 0;
  for (const std::size_t index : order) {
    if (plan.batches.empty() || tokens + lengths[index] > batch_tokens) {
      plan.batches.emplace_back();
      tokens = 0;
    }
    plan.batches.back().push_back(index);
    tokens += lengths[index];
  }
  return plan;
}

std::vector<Encoding> TextPipeline::encode(std::span<const TextInput> inputs,
                                           const ClassifyOptions& options,
                                           Executor& executor) const {
  EncodeOptions encode_options;
  if (options.windows) {
    encode_options.add_special_tokens = false;  // each window gets its own
  } else {
    encode_options.max_length = config_.maximum_tokens;
  }
  std::vector<Encoding> encodings(inputs.size());
  const std::size_t tasks = (inputs.size() + kTextsPerTask - 1) / kTextsPerTask;
  executor.run(tasks, [&](std::size_t task) {
    const WorkRange range = work_range(inputs.size(), tasks, task);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      // As in Hugging Face's transformers, an empty pair is none.
      const bool paired = inputs[i].text_pair && !inputs[i].text_pair->empty();
      tokenizer_.encode(inputs[i].text, paired ? inputs[i].text_pair : std::nullopt, encode_options,
                        encodings[i]);
    }
  });
  return encodings;
}

std::vector<TextPipeline::Sequence> TextPipeline::cut(std::vector<Encoding> encodings,
                                                      const ClassifyOptions& options) const {
  std::vector<Sequence> sequences;
  sequences.reserve(encodings.size());
  for (std::size_t input = 0; input < encodings.size(); ++input) {
    Encoding& encoding = encodings[input];
    if (!options.windows) {
      sequences.push_back({input, 1, std::move(encoding.ids), std::move(encoding.token_type_ids),
                           encoding.truncated_tokens});
      continue;
    }
    const std::size_t room = config_.maximum_tokens - 2;  // beside [CLS] and [SEP]
    const std::size_t step = room - options.windows->overlap;
    const std::size_t tokens = encoding.ids.size();
    const std::size_t windows = tokens <= room ? 1 : (tokens - room + step - 1) / step + 1;
    for (std::size_t window = 0; window < windows; ++window) {
      const std::size_t begin = window * step;
      const std::size_t end = std::min(begin + room, tokens);
      Sequence sequence{input, windows, {tokenizer_.cls_token_id()}, {}, 0};
      sequence.ids.insert(sequence.ids.end(),
                          encoding.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                          encoding.ids.begin() + static_cast<std::ptrdiff_t>(end));
      sequence.ids.push_back(tokenizer_.sep_token_id());
      sequence.token_type_ids.assign(sequence.ids.size(), 0);
      sequences.push_back(std::move(sequence));
    }
  }
  return sequences;
}

void TextPipeline::append(const Sequence& sequence, EncodedBatch& batch) const {
  const std::size_t length = sequence.ids.size();
  batch.append(sequence.ids, sequence.token_type_ids, length);
  if (config_.padded_length && *config_.padded_length > length) {
    const std::size_t end = batch.tokens() + *config_.padded_length - length;
    batch.input_ids.resize(end, tokenizer_.pad_token_id());
    batch.token_type_ids.resize(end, 0);
    batch.sequence_starts.back() = end;
  }
}

std::vector<PipelineResult> TextPipeline::run(std::span<const TextInput> inputs,
                                              const ClassifyOptions& options,
                                              const ForwardBatch& forward) const {
  if (options.windows) {
    if (options.windows->overlap >= config_.maximum_tokens - 2) {
      throw ArgumentError::mismatch("windows.overlap",
                                    "less than the " + std::to_string(config_.maximum_tokens - 2) +
                                        " tokens that a window holds",
                                    std::to_string(options.windows->overlap));
    }
    if (std::ranges::any_of(inputs, [](const TextInput& i) { return i.text_pair.has_value(); })) {
      throw ArgumentError::mismatch("windows", "single texts", "a pair of texts");
    }
  }
  Executor& executor = options.executor == nullptr ? *executor_ : *options.executor;
  const std::vector<Sequence> sequences = cut(encode(inputs, options, executor), options);

  std::vector<std::size_t> lengths;
  lengths.reserve(sequences.size());
  for (const Sequence& sequence : sequences) {
    lengths.push_back(std::max(sequence.ids.size(), config_.padded_length.value_or(0)));
  }
  const auto [batches, side_by_side] =
      plan_batches(lengths, options.batch_tokens, executor.concurrency());

  std::vector<DecodedBeams> outputs(sequences.size());
  SerialExecutor serial;
  const auto run_batch = [&, &batches = batches](std::size_t number, Executor& inner) {
    if (options.stop.stop_requested()) throw CancelledError::requested();
    EncodedBatch batch;
    for (const std::size_t index : batches[number]) append(sequences[index], batch);
    const WorkspaceLease workspace(*this);
    const Workspace::Scope scope(*workspace);
    auto answers = forward(batch, {*workspace, inner, config_.instruction_set});
    for (std::size_t i = 0; i < answers.size(); ++i) {
      check_scores(answers[i].scores);
      outputs[batches[number][i]] = std::move(answers[i]);
    }
  };
  if (side_by_side) {
    executor.run(batches.size(), [&](std::size_t number) { run_batch(number, serial); });
  } else {
    for (std::size_t number = 0; number < batches.size(); ++number) run_batch(number, executor);
  }

  std::vector<PipelineResult> results(inputs.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const Sequence& sequence = sequences[i];
    PipelineResult& result = results[sequence.input];
    if (sequence.windows == 1) {
      result = {std::move(outputs[i]), sequence.truncated_tokens};
    } else {
      result.output.scores.resize(outputs[i].scores.size(), 0.0F);
      pool_window(options.windows->pooling, outputs[i].scores, result.output.scores);
      // A mean divides the sum, once: added up, the parts of a mean of ones can be more than one.
      const bool last = i + 1 == sequences.size() || sequences[i + 1].input != sequence.input;
      if (last && options.windows->pooling == WindowPooling::kMean) {
        for (float& score : result.output.scores) score /= static_cast<float>(sequence.windows);
      }
    }
  }
  return results;
}

}  // namespace polytag
