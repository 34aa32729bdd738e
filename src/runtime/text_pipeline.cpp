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

/// Bytes held for a text from its encoding to its scores, but for the scores themselves.
std::size_t bytes_held(const EncodedText& text) {
  return (text.ids.capacity() + text.token_type_ids.capacity()) * sizeof(std::int32_t) +
         2 * sizeof(EncodedText) + 3 * sizeof(TextScores);
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

/// Counts the tokens of a text that is read in windows before all of them are held.
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

Executor& TextPipeline::executor(const ClassifyOptions& options) const {
  return options.executor == nullptr ? *executor_ : *options.executor;
}

std::size_t TextPipeline::special_tokens() const {
  return tokenizer_.sequence_template().added(false);
}

std::size_t TextPipeline::tokens_of_window() const {
  return config_.maximum_tokens - special_tokens();
}

std::vector<EncodedText> TextPipeline::encode(std::span<const TextInput> inputs,
                                              const ClassifyOptions& options) const {
  if (options.windows) {
    if (options.windows->overlap >= tokens_of_window()) {
      throw ArgumentError::mismatch(
          "windows.overlap",
          "less than the " + std::to_string(tokens_of_window()) + " tokens that a window holds",
          std::to_string(options.windows->overlap));
    }
    if (std::ranges::any_of(inputs, [](const TextInput& i) { return i.text_pair.has_value(); })) {
      throw ArgumentError::mismatch("windows", "single texts", "a pair of texts");
    }
  }
  std::vector<EncodedText> texts(inputs.size());
  const std::size_t tasks = (inputs.size() + kTextsPerTask - 1) / kTextsPerTask;
  SerialExecutor serial;
  Executor& all = executor(options);
  Executor& chosen = fits_side_by_side(inputs, options, all.concurrency()) ? all : serial;
  chosen.run(tasks, [&](std::size_t task) {
    const WorkRange range = work_range(inputs.size(), tasks, task);
    for (std::size_t i = range.begin; i < range.end; ++i) texts[i] = encoded(inputs[i], options);
  });
  return texts;
}

/// Whether so many threads may tokenize within the memory budget, or one alone.
/// @throws ArgumentError if not even one may
bool TextPipeline::fits_side_by_side(std::span<const TextInput> inputs,
                                     const ClassifyOptions& options, std::size_t threads) const {
  const MemoryBudget budget(options.memory_budget);
  if (!budget.is_limited()) return true;
  std::size_t most = 0;
  for (const TextInput& input : inputs) {
    for (const std::string_view text : {input.text, input.text_pair.value_or("")}) {
      const std::size_t bytes = tokenizer_.working_bytes(text);
      if (bytes > budget.for_tokenizing()) {
        throw ArgumentError::mismatch("memory_budget",
                                      std::to_string(2 * bytes) +
                                          " bytes, which are enough to tokenize a text of " +
                                          std::to_string(text.size()) + " bytes",
                                      std::to_string(budget.bytes()));
      }
      most = std::max(most, bytes);
    }
  }
  return most <= budget.for_tokenizing() / threads;
}

EncodedText TextPipeline::encoded(const TextInput& input, const ClassifyOptions& options) const {
  EncodeOptions encode_options;
  Encoding encoding;
  if (options.windows) {
    encode_options.add_special_tokens = false;  // each window gets its own
    if (options.memory_budget > 0) make_room(input.text, options.memory_budget, encoding);
  } else {
    encode_options.max_length = config_.maximum_tokens;
  }
  // As in Hugging Face's transformers, an empty pair is none.
  const bool paired = input.text_pair && !input.text_pair->empty();
  tokenizer_.encode(input.text, paired ? input.text_pair : std::nullopt, encode_options, encoding);
  if (encoding.ids.empty() && (!options.windows || special_tokens() == 0)) {
    throw EncodingError::mismatch(
        "", "text", "a token at least, as the tokenizer adds no special ones", "none");
  }

  EncodedText text;
  text.ids = std::move(encoding.ids);
  text.token_type_ids = std::move(encoding.token_type_ids);
  text.truncated_tokens = encoding.truncated_tokens;
  if (options.windows) {
    divide(text, *options.windows);
  } else {
    text.computed_tokens = length({0, &text, 0, text.ids.size()});
  }
  return text;
}

void TextPipeline::divide(EncodedText& text, const WindowOptions& options) const {
  const std::size_t tokens = text.ids.size();
  const std::size_t room = tokens_of_window();
  const std::size_t step = room - options.overlap;
  TextWindows& windows = text.windows.emplace();
  windows.count = tokens <= room ? 1 : (tokens - room + step - 1) / step + 1;
  windows.tokens = room;
  windows.step = step;
  windows.pooling = options.pooling;
  const std::size_t last_begin = (windows.count - 1) * step;
  text.computed_tokens = (windows.count - 1) * length({0, &text, 0, room}) +
                         length({0, &text, last_begin, tokens - last_begin});
}

std::vector<TextPipeline::Sequence> TextPipeline::sequences(
    std::span<const EncodedText> texts) const {
  std::vector<Sequence> sequences;
  sequences.reserve(texts.size());
  for (std::size_t index = 0; index < texts.size(); ++index) {
    const EncodedText& text = texts[index];
    const std::size_t tokens = text.ids.size();
    if (!text.windows) {
      sequences.push_back({index, &text, 0, tokens});
      continue;
    }
    for (std::size_t window = 0; window < text.windows->count; ++window) {
      const std::size_t begin = window * text.windows->step;
      sequences.push_back({index, &text, begin, std::min(text.windows->tokens, tokens - begin)});
    }
  }
  return sequences;
}

std::size_t TextPipeline::length(const Sequence& sequence) const {
  return std::max(sequence.tokens + (sequence.is_window() ? special_tokens() : 0),
                  config_.padded_length.value_or(0));
}

void TextPipeline::append(const Sequence& sequence, EncodedBatch& batch) const {
  const auto append_part = [&sequence](const std::vector<std::int32_t>& all,
                                       std::vector<std::int32_t>& out) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(sequence.begin);
    out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(sequence.tokens));
  };
  const auto append_special = [&](const std::vector<SequenceTemplate::Special>& specials) {
    if (!sequence.is_window()) return;
    for (const SequenceTemplate::Special& special : specials) {
      batch.input_ids.push_back(special.id);
      batch.token_type_ids.push_back(special.type_id);
    }
  };
  const std::size_t start = batch.tokens();
  const SequenceTemplate::Form& form = tokenizer_.sequence_template().single;
  append_special(form.before);
  append_part(sequence.text->ids, batch.input_ids);
  append_part(sequence.text->token_type_ids, batch.token_type_ids);
  append_special(form.after);
  batch.attended_lengths.push_back(batch.tokens() - start);
  batch.input_ids.resize(start + length(sequence), tokenizer_.pad_token_id().value_or(0));
  batch.token_type_ids.resize(batch.tokens(), 0);
  batch.sequence_starts.push_back(batch.tokens());
}

std::vector<TextScores> TextPipeline::forward(std::span<const EncodedText> texts,
                                              const ClassifyOptions& options,
                                              const ForwardBatch& forward) const {
  const std::vector<Sequence> all = sequences(texts);
  std::vector<TextScores> results(texts.size());
  std::size_t held = all.capacity() * sizeof(Sequence);
  for (const EncodedText& text : texts) {
    held += bytes_held(text) + config_.num_labels * sizeof(float);
  }
  const std::size_t most =
      MemoryBudget(options.memory_budget).sequences_of_round(bytes_per_answer(config_.num_labels));

  Run passes(*this, options, executor(options), forward);
  for (std::size_t begin = 0; begin < all.size(); begin += most) {
    const auto round = std::span(all).subspan(begin, std::min(most, all.size() - begin));
    std::vector<TextScores> answers = passes.answers(round, held);
    for (std::size_t i = 0; i < round.size(); ++i) {
      TextScores& result = results[round[i].index];
      if (round[i].is_part()) {
        result.scores.resize(answers[i].scores.size(), 0.0F);
        pool_window(round[i].text->windows->pooling, answers[i].scores, result.scores);
      } else {
        result = std::move(answers[i]);
      }
    }
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    results[i].truncated_tokens = texts[i].truncated_tokens;
    const auto& windows = texts[i].windows;
    if (!windows || windows->count == 1 || windows->pooling != WindowPooling::kMean) continue;
    // Divided once for each text: added up, the parts of a mean of ones can be more than one.
    for (float& score : results[i].scores) score /= static_cast<float>(windows->count);
  }
  return results;
}

std::size_t TextPipeline::texts_of_round(std::span<const TextInput> inputs,
                                         const ClassifyOptions& options) const {
  // An upper bound of the memory that one text occupies during a call: token ids and types, scores
  // from one stage to the next, windows, and the growth of vectors.
  constexpr std::size_t kToken = 4 * sizeof(std::int32_t);
  constexpr std::size_t kWindow = 64;
  const std::size_t most = MemoryBudget(options.memory_budget).for_texts();
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < inputs.size(); ++count) {
    std::size_t tokens = config_.maximum_tokens;
    std::size_t windows = 1;
    if (options.windows) {
      tokens = std::max(tokens, inputs[count].text.size());  // if every byte is a token
      const std::size_t room = tokens_of_window();
      windows += tokens / (room - std::min(room - 1, options.windows->overlap));
    }
    bytes += 1024 + tokens * kToken + windows * kWindow + 2 * config_.num_labels * sizeof(float);
    if (bytes > most && count > 0) return count;
  }
  return inputs.size();
}

}  // namespace polytag
