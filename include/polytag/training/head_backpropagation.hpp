#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "polytag/core/execution.hpp"
#include "polytag/encoders/encoder_gradient.hpp"
#include "polytag/error.hpp"
#include "polytag/heads/head_gradient.hpp"
#include "polytag/training/backpropagation.hpp"
#include "polytag/training/shards.hpp"

namespace polytag::training {

/// The one implementation of Backpropagation: any encoder under any head. The weights are packed
/// once a batch; then each thread takes a shard after the other, forward and backward, in memory of
/// its own.
template <TrainableEncoder Encoder, TrainableHead Head>
class HeadBackpropagation final : public Backpropagation {
 public:
  /// @param encoder_prefix  the scope of the encoder's parameters in the store, as in "bert"
  /// @param store           of the parameters that encoder and head declare, in that order;
  /// borrowed
  /// @throws ArgumentError if the store has other parameters; ConfigError for an encoder that
  /// cannot
  ///         be trained
  HeadBackpropagation(const typename Encoder::Config& encoder_config,
                      const typename Head::Config& head_config, const std::string& encoder_prefix,
                      ParameterStore& store, const BackpropagationOptions& options,
                      InstructionSet instruction_set)
      : encoder_config_(encoder_config),
        head_config_(head_config),
        store_(store),
        options_(options),
        instruction_set_(instruction_set),
        encoder_parameters_(Encoder::declare(parameters_.root(encoder_prefix), encoder_config)),
        head_parameters_(
            Head::declare({parameters_.root(), parameters_.root(encoder_prefix)}, head_config)),
        source_(store.source()),
        shards_(options.shards) {
    EncoderGradient<Encoder>::check(encoder_config);
    check_store(parameters_, store.layout());
  }

  BatchLoss run(std::span<const TrainingText> texts, const Loss& loss, double units,
                std::uint64_t step, Executor& executor) override {
    if (texts.empty()) throw ArgumentError::mismatch("batch", "texts", "none");
    build(executor);
    assign_shards(texts, shards_);
    tree_->begin(store_.gradients());
    word_rows_->begin(shards_, texts);
    losses_.assign(texts.size(), 0.0);

    const auto with_texts = static_cast<std::size_t>(
        std::ranges::count_if(shards_, [](const auto& shard) { return !shard.empty(); }));
    std::size_t threads = std::min(executor.concurrency(), with_texts);
    if (options_.shards_in_flight != 0) threads = std::min(threads, options_.shards_in_flight);
    while (workers_.size() < threads) workers_.push_back(std::make_unique<Worker>());
    std::atomic<std::size_t> next{0};
    const auto work = [&](std::size_t index) {
      Worker& worker = *workers_[index];
      // A thread that works alone may as well share each product with the others.
      Executor& own = threads == 1 ? executor : worker.executor;
      for (std::size_t i = next.fetch_add(1); i < shards_.size(); i = next.fetch_add(1)) {
        run_shard(i, {texts, loss, units, step}, {worker.workspace, own, instruction_set_}, worker);
      }
    };
    if (threads == 1) {
      work(0);
    } else {
      executor.run(threads, std::cref(work));
    }

    BatchLoss result;
    if (!options_.freezes_encoder) {
      result.squares_of_word_rows = word_rows_->write(word_table(), executor);
    }
    for (const double text : losses_) result.loss += text / units;
    result.text_losses = losses_;
    return result;
  }

 private:
  struct Batch {
    std::span<const TrainingText> texts;
    const Loss& loss;
    double units;
    std::uint64_t step;
  };

  /// What a thread works with.
  struct Worker {
    Workspace workspace;
    SerialExecutor executor;
    EncodedBatch batch;
    std::vector<std::uint32_t> places;
    std::vector<std::int32_t> no_types;
    std::vector<std::span<const std::size_t>> sequences;
    typename EncoderGradient<Encoder>::Record record;
  };

  /// Packs the weights of the moment, for forward and for backward.
  void build(Executor& executor) {
    const auto pack = [&](std::size_t part) {
      const Weights weights(parameters_, source_);
      if (part == 0) {
        if (!options_.freezes_encoder || !encoder_) {
          encoder_.emplace(encoder_config_, encoder_parameters_, weights, Precision::kFloat32);
        }
        head_.emplace(head_config_, head_parameters_, weights, Precision::kFloat32);
      } else {
        if (!options_.freezes_encoder || !encoder_gradient_) {
          encoder_gradient_.emplace(encoder_config_, encoder_parameters_, weights,
                                    options_.computes_key_bias);
        }
        head_gradient_.emplace(head_config_, head_parameters_, weights);
      }
    };
    executor.run(2, std::cref(pack));
    if (tree_) return;
    const ParameterPlace& words = store_.layout()[encoder_gradient_->word_table()];
    tree_.emplace(store_.layout(), words, options_.shards);
    word_rows_.emplace(encoder_gradient_->word_size());
  }

  MatrixView<float> word_table() {
    const ParameterPlace& place = store_.layout()[encoder_gradient_->word_table()];
    const std::size_t size = encoder_gradient_->word_size();
    return {ParameterStore::of(place, store_.gradients()).data(), place.count / size, size};
  }

  void run_shard(std::size_t shard, const Batch& all, const ExecutionContext& context,
                 Worker& worker) {
    const std::vector<std::size_t>& places = shards_[shard];
    if (places.empty()) return tree_->add(shard, std::nullopt);
    const Workspace::Scope scope(context.workspace);
    fill(worker, all.texts, places);
    const EncoderOutput encoded = encode(all.step, context, worker);

    const std::span<const std::size_t> starts = logit_rows(places, all, worker, context.workspace);
    typename Head::Record head_record;
    head_record.dropout =
        RaggedDropout{Dropout(options_.seed, all.step, kHeadSite, double{options_.dropout.head}),
                      starts, worker.places};
    MatrixView<float> logits;
    if constexpr (TrainableSequenceHead<Head>) {
      logits =
          head_->logits(encoded, worker.sequences, starts,
                        options_.first_id.value_or(head_config_.start_id), context, head_record);
    } else {
      logits = head_->logits(encoded, context, head_record);
    }
    const auto gradient = context.workspace.matrix(logits.rows, logits.columns);
    const auto scale = static_cast<float>(1.0 / all.units);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto of_text = [&](MatrixView<float> matrix) {
        return std::span(matrix.data + starts[i] * matrix.columns,
                         (starts[i + 1] - starts[i]) * matrix.columns);
      };
      losses_[places[i]] =
          all.loss(of_text(logits), all.texts[places[i]].target, of_text(gradient));
      for (float& x : of_text(gradient)) x *= scale;
    }

    const std::span<float> sum = tree_->take();
    const GradientSink sink(store_.layout(), sum);
    const auto hidden_gradient =
        context.workspace.matrix(encoded.hidden_states.rows, encoded.hidden_states.columns);
    std::fill_n(hidden_gradient.data, hidden_gradient.rows * hidden_gradient.columns, 0.0F);
    head_gradient_->backward(head_record, encoded, gradient, hidden_gradient, sink, context);
    if (!options_.freezes_encoder) {
      encoder_gradient_->backward(worker.record, worker.batch, hidden_gradient,
                                  word_rows_->of_shard(shard), sink, context);
    }
    tree_->add(shard, sum);
  }

  /// The hidden states of a shard, all rows but for an encoder that learns nothing.
  EncoderOutput encode(std::uint64_t step, const ExecutionContext& context, Worker& worker) const {
    if (options_.freezes_encoder) {
      return encoder_->forward(worker.batch, Head::kRows, context);
    }
    const auto dropout = [&](float rate) {
      return RaggedDropout{Dropout(options_.seed, step, 0, double{rate}),
                           worker.batch.sequence_starts, worker.places};
    };
    worker.record.allocate(encoder_config_, worker.batch, dropout(options_.dropout.attention),
                           dropout(options_.dropout.hidden), context.workspace);
    return encoder_->forward(worker.batch, worker.record, context);
  }

  /// Where the rows of logits of each text of a shard begin. [texts + 1]
  std::span<const std::size_t> logit_rows(std::span<const std::size_t> places, const Batch& all,
                                          Worker& worker, Workspace& workspace) const {
    const auto starts = workspace.allocate<std::size_t>(places.size() + 1);
    worker.sequences.clear();
    starts[0] = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      std::size_t rows = 1;
      if constexpr (TrainableSequenceHead<Head>) {
        worker.sequences.push_back(all.texts[places[i]].target.sequence);
        rows = worker.sequences.back().size();
      }
      starts[i + 1] = starts[i] + rows;
    }
    return starts;
  }

  static void fill(Worker& worker, std::span<const TrainingText> texts,
                   std::span<const std::size_t> places) {
    EncodedBatch& batch = worker.batch;
    batch.input_ids.clear();
    batch.token_type_ids.clear();
    batch.sequence_starts.assign(1, 0);
    batch.attended_lengths.clear();
    worker.places.clear();
    for (const std::size_t place : places) {
      const TrainingText& text = texts[place];
      worker.no_types.assign(text.ids.size(), 0);
      const bool has_types = text.types.size() == text.ids.size();
      batch.append(text.ids, has_types ? text.types : worker.no_types, text.attended_length);
      worker.places.push_back(static_cast<std::uint32_t>(place));
    }
  }

  static constexpr std::uint32_t kHeadSite = 63;

  typename Encoder::Config encoder_config_;
  typename Head::Config head_config_;
  ParameterStore& store_;
  BackpropagationOptions options_;
  InstructionSet instruction_set_;
  ParameterList parameters_;
  typename Encoder::Parameters encoder_parameters_;
  typename Head::Parameters head_parameters_;
  WeightSource source_;

  std::optional<Encoder> encoder_;
  std::optional<Head> head_;
  std::optional<EncoderGradient<Encoder>> encoder_gradient_;
  std::optional<HeadGradient<Head>> head_gradient_;

  std::vector<std::vector<std::size_t>> shards_;
  std::optional<GradientTree> tree_;
  std::optional<RowGradients> word_rows_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<double> losses_;
};

}  // namespace polytag::training
