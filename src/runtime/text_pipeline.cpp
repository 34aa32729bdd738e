#include "polytag/runtime/text_pipeline.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "polytag/error.hpp"
#include "runtime/text_pipeline_run.hpp"

namespace polytag {

namespace {

/// Fewer tokens than this do not keep a thread busy on its own: threads then share the work inside
/// each layer, where every one of them streams only its part of the weights.
constexpr std::size_t kTokensWorthAThread = 128;

/// Texts that one task tokenizes: enough to make its start cheap, few enough for balance.
constexpr std::size_t kTextsPerTask = 64;

/// Sequences that are planned together, and whose answers are held: enough for batches of similar
/// lengths, few for a text that becomes a hundred thousand windows, in a quarter of the budget.
std::size_t sequences_per_round(std::size_t budget, std::size_t labels) {
  constexpr std::size_t kMost = 8192;
  if (budget == 0) return kMost;
  return std::clamp<std::size_t>(budget / 4 / bytes_per_answer(labels), 1, kMost);
}

/// What is kept of a text, and of what becomes of it in later stages.
std::size_t bytes_held(const Encoding& encoding) {
  return (encoding.ids.capacity() + encoding.token_type_ids.capacity()) * sizeof(std::int32_t) +
         2 * sizeof(Encoding) + 3 * sizeof(PipelineResult);
}

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads == 0) threads = available_threads();
  if (threads == 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadPool>(threads);
}

/// Takes the scores of a window into those of its text: the largest, or the sum.
void pool_window(WindowPooling pooling, std::span<const float> window, std::span<float> scores) {
  for (std::size_t label = 0; label < scores.size(); ++label) {
    scores[label] = pooling == WindowPooling::kMax ? std::max(scores[label], window[label])
                                                   : scores[label] + window[label];
  }
}

}  // namespace

TextPipeline::TextPipeline(Tokenizer tokenizer, const Config& config)
    : tokenizer_(std::move(tokenizer)), config_(config), executor_(make_executor(config.threads)) {
  if (config.padded_length && !tokenizer_.pad_token_id()) {
    throw ConfigError::mismatch(tokenizer_.vocabulary().source(), "pad_token",
                                "a token that texts are filled up with", "none");
  }
}

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

/// All tokens of a text that is read in windows are held: before they are, they are counted.
void TextPipeline::make_room(std::string_view text, std::size_t budget, Encoding& encoding) const {
  tokenizer_.encode(text, std::nullopt, {.max_length = 0, .add_special_tokens = false}, encoding);
  const std::size_t tokens = encoding.truncated_tokens;
  const std::size_t enough = 4 * tokens * sizeof(std::int32_t);  // a half for ids and types
  if (enough > budget) {
    throw ArgumentError::mismatch("memory_budget",
                                  std::to_string(enough) + " bytes and more, for a text of " +
                                      std::to_string(tokens) + " tokens in windows",
                                  std::to_string(budget));
  }
  encoding.ids.reserve(tokens);
  encoding.token_type_ids.reserve(tokens);
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
      if (options.windows && options.memory_budget > 0) {
        make_room(inputs[i].text, options.memory_budget, encodings[i]);
      }
      tokenizer_.encode(inputs[i].text, paired ? inputs[i].text_pair : std::nullopt, encode_options,
                        encodings[i]);
    }
  });
  return encodings;
}

std::vector<TextPipeline::Sequence> TextPipeline::cut(std::span<const Encoding> encodings,
                                                      const ClassifyOptions& options) const {
  std::vector<Sequence> sequences;
  sequences.reserve(encodings.size());
  for (std::size_t input = 0; input < encodings.size(); ++input) {
    const Encoding& encoding = encodings[input];
    const std::size_t tokens = encoding.ids.size();
    if (tokens == 0 && (!options.windows || special_tokens() == 0)) {
      throw EncodingError::mismatch(
          "", "text", "a token at least, as the tokenizer adds no special ones", "none");
    }
    if (!options.windows) {
      sequences.push_back({input, 1, &encoding, 0, tokens, false});
      continue;
    }
    const std::size_t room = tokens_of_a_window();
    const std::size_t step = room - options.windows->overlap;
    const std::size_t windows = tokens <= room ? 1 : (tokens - room + step - 1) / step + 1;
    for (std::size_t window = 0; window < windows; ++window) {
      const std::size_t begin = window * step;
      sequences.push_back({input, windows, &encoding, begin, std::min(room, tokens - begin), true});
    }
  }
  return sequences;
}

std::size_t TextPipeline::special_tokens() const {
  return tokenizer_.sequence_template().added(false);
}

std::size_t TextPipeline::tokens_of_a_window() const {
  return config_.maximum_tokens - special_tokens();
}

std::size_t TextPipeline::length(const Sequence& sequence) const {
  return std::max(sequence.tokens + (sequence.bare ? special_tokens() : 0),
                  config_.padded_length.value_or(0));
}

void TextPipeline::append(const Sequence& sequence, EncodedBatch& batch) const {
  const auto append_part = [&sequence](const std::vector<std::int32_t>& all,
                                       std::vector<std::int32_t>& out) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(sequence.begin);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(sequence.tokens));
  };
  const auto append_special = [&batch](const std::vector<SequenceTemplate::Special>& specials) {
    for (const SequenceTemplate::Special& special : specials) {
      batch.input_ids.push_back(special.id);
      batch.token_type_ids.push_back(special.type_id);
    }
  };
  const std::size_t start = batch.tokens();
  if (sequence.bare) {
    const SequenceTemplate::Form& form = tokenizer_.sequence_template().single;
    append_special(form.before);
    append_part(sequence.encoding->ids, batch.input_ids);
    batch.token_type_ids.resize(batch.tokens(), form.text_type);
    append_special(form.after);
  } else {
    append_part(sequence.encoding->ids, batch.input_ids);
    append_part(sequence.encoding->token_type_ids, batch.token_type_ids);
  }
  batch.attended_lengths.push_back(batch.tokens() - start);
  batch.input_ids.resize(start + length(sequence), tokenizer_.pad_token_id().value_or(0));
  batch.token_type_ids.resize(batch.tokens(), 0);
  batch.sequence_starts.push_back(batch.tokens());
}

std::vector<PipelineResult> TextPipeline::run(std::span<const TextInput> inputs,
                                              const ClassifyOptions& options,
                                              const ForwardBatch& forward) const {
  if (options.windows) {
    if (options.windows->overlap >= tokens_of_a_window()) {
      throw ArgumentError::mismatch(
          "windows.overlap",
          "less than the " + std::to_string(tokens_of_a_window()) + " tokens that a window holds",
          std::to_string(options.windows->overlap));
    }
    if (std::ranges::any_of(inputs, [](const TextInput& i) { return i.text_pair.has_value(); })) {
      throw ArgumentError::mismatch("windows", "single texts", "a pair of texts");
    }
  }
  Executor& executor = options.executor == nullptr ? *executor_ : *options.executor;
  const std::vector<Encoding> encodings = encode(inputs, options, executor);
  const std::vector<Sequence> sequences = cut(encodings, options);

  std::vector<PipelineResult> results(inputs.size());
  std::size_t held = sequences.capacity() * sizeof(Sequence);
  for (const Encoding& encoding : encodings) {
    held += bytes_held(encoding) + config_.num_labels * sizeof(float);
  }
  const std::size_t most = sequences_per_round(options.memory_budget, config_.num_labels);

  Run passes(*this, options, executor, forward);
  for (std::size_t begin = 0; begin < sequences.size(); begin += most) {
    const auto round =
        std::span(sequences).subspan(begin, std::min(most, sequences.size() - begin));
    std::vector<DecodedBeams> outputs = passes.answers(round, held);
    for (std::size_t i = 0; i < round.size(); ++i) {
      const Sequence& sequence = round[i];
      PipelineResult& result = results[sequence.input];
      if (sequence.windows == 1) {
        result = {std::move(outputs[i]), sequence.encoding->truncated_tokens};
      } else {
        result.output.scores.resize(outputs[i].scores.size(), 0.0F);
        pool_window(options.windows->pooling, outputs[i].scores, result.output.scores);
      }
    }
  }
  if (options.windows && options.windows->pooling == WindowPooling::kMean) {
    // Once for each text: added up, the parts of a mean of ones can be more than one.
    for (const Sequence& sequence : sequences) {
      if (sequence.begin > 0 || sequence.windows == 1) continue;
      for (float& score : results[sequence.input].output.scores) {
        score /= static_cast<float>(sequence.windows);
      }
    }
  }
  return results;
}

}  // namespace polytag
