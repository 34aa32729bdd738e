#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/decoding/beam_search.hpp"
#include "polytag/decoding/label_shares.hpp"
#include "polytag/export.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/seq2seq_config.hpp"
#include "polytag/nn/attention_decoder.hpp"
#include "polytag/nn/bidirectional_lstm.hpp"
#include "polytag/nn/ragged_dropout.hpp"
#include "polytag/nn/teacher_forcing.hpp"

namespace polytag {

struct Seq2SeqParameters {
  BidirectionalLstmParameters encoder;
  AttentionDecoderParameters decoder;
};

inline Seq2SeqParameters declare_head(const HeadScope& scope, const Seq2SeqConfig& config) {
  config.validate();
  const ParameterList::Scope own = scope.own / "seq2seq";
  return {declare_bidirectional_lstm(own / "encoder", config.encoder()),
          declare_attention_decoder(own, config.decoder())};
}

/// What backward reads of a Seq2SeqHead that was made to emit given sequences: views into the
/// workspace that forward ran with.
struct Seq2SeqRecord {
  struct State {
    MatrixView<float> cell_state;            ///< [rows, units]
    MatrixView<float> attention_and_hidden;  ///< [rows, 2 * units]
  };
  BidirectionalLstmRecord encoder;
  AttentionMemory memory;
  AttentionDecoderRecord decoder;
  State initial;  ///< of each text
  State states;   ///< after each step, packed
  std::optional<TeacherForcing> steps;
  RaggedDropout dropout;  ///< of what the last layer reads, a row a step; given
};

/// Reads all hidden states with a stack of bidirectional LSTMs and writes the labels one after the
/// other with an attention decoder, by beam search. Rows of padding take part where a model was
/// trained with padded_length.
template <KernelBackend Backend>
class Seq2SeqHead {
 public:
  using Config = Seq2SeqConfig;
  using Parameters = Seq2SeqParameters;
  using Record = Seq2SeqRecord;

  static constexpr std::string_view kName = Config::kName;
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return declare_head(scope, config);
  }

  Seq2SeqHead(const Config& config, const Parameters& parameters, const Weights& weights,
              Precision precision)
      : config_(config),
        encoder_(config.encoder(), parameters.encoder, weights, precision),
        decoder_(config.decoder(), parameters.decoder, weights, precision) {}

  /// A label's score is the share of the beams' probability whose sequences hold it.
  /// @param beams  how many sequences to return, at most beam_width
  std::vector<TextScores> decode(const EncoderOutput& encoded, std::size_t beams,
                                 const ExecutionContext& context) const {
    std::vector<TextScores> texts;
    for (BeamSearchResult& result : search(encoded, context)) {
      TextScores& text = texts.emplace_back();
      text.scores = label_shares(result.sequences, config_.num_labels);
      result.sequences.resize(std::min(beams, result.sequences.size()));
      for (DecodedSequence& beam : result.sequences) {
        if (config_.fill_finished) beam.ids.resize(result.steps.size(), config_.end_id);
        text.beams.push_back({std::move(beam.ids), {}, beam.log_probability});
      }
    }
    return texts;
  }

  /// Bytes that the search of one text takes beside the workspace, at most.
  std::size_t bytes_per_text() const {
    // Beams are copied while they grow, and each step is remembered; vectors double.
    const std::size_t beam =
        2 * sizeof(DecodedSequence) + 4 * config_.maximum_length * sizeof(std::size_t);
    const std::size_t choice = 2 * (2 * sizeof(std::size_t) + sizeof(float));
    return 2 * config_.beam_width * beam +
           config_.maximum_length * (2 * sizeof(BeamSearchStep) + config_.beam_width * choice);
  }

  /// All beams, and the steps that led to them. @return [batch]
  std::vector<BeamSearchResult> search(const EncoderOutput& encoded,
                                       const ExecutionContext& context) const {
    expect_hidden_size(encoded, config_.hidden_size);
    const Workspace::Scope scope(context.workspace);
    Workspace& workspace = context.workspace;
    const BeamSearchOptions options = config_.search();
    const std::size_t rows = encoded.hidden_states.rows;
    const std::size_t batch = encoded.size();
    const std::size_t units = config_.decoder().units;
    auto before = make_state(batch * config_.beam_width, units, workspace);
    auto after = make_state(batch * config_.beam_width, units, workspace);
    const auto values = workspace.matrix(rows, units);
    const auto keys = workspace.matrix(rows, units);
    const AttentionMemory memory = read(encoded, before, values, keys, context);
    const auto scratch = workspace.allocate<float>(batch * config_.beam_width * config_.num_labels);
    return beam_search(batch, options, scratch,
                       [&](const DecodingStep& step, MatrixView<float> logits) {
                         decoder_.step(step, memory, before, after, logits, context);
                         std::swap(before, after);
                       });
  }

  /// In training: the logits of given sequences, each step of which reads the target's last id.
  /// @param sequences  [batch], the ids to emit
  /// @param starts     [batch + 1], where each text's steps begin
  /// @param first_id   what every sequence begins with, unsaid
  /// @param record     what backward reads, valid as long as the logits are
  /// @return [steps, labels], a text after the other
  /// @throws EncodingError for an id that is no label
  MatrixView<float> logits(const EncoderOutput& encoded,
                           std::span<const std::span<const std::size_t>> sequences,
                           std::span<const std::size_t> starts, std::size_t first_id,
                           const ExecutionContext& context, Record& record) const {
    expect_hidden_size(encoded, config_.hidden_size);
    check(sequences);
    Workspace& workspace = context.workspace;
    const std::size_t rows = encoded.hidden_states.rows;
    const std::size_t units = config_.decoder().units;
    const auto logits = workspace.matrix(starts.back(), config_.num_labels);
    record.steps.emplace(sequences, starts, first_id);
    const PackedSequences& packed = record.steps->packed();
    record.encoder.allocate(config_.encoder(), rows, workspace);
    std::size_t longest = 0;
    for (std::size_t text = 0; text < encoded.size(); ++text) {
      longest = std::max(longest, encoded.row_starts[text + 1] - encoded.row_starts[text]);
    }
    record.decoder.allocate(config_.decoder(), packed.rows(), longest, workspace);
    record.decoder.dropout = record.dropout.dropout;
    record.decoder.places = record.dropout.places;
    const State initial = make_state(encoded.size(), units, workspace);
    const State states = make_state(packed.rows(), units, workspace);
    record.initial = {initial.cell_state, initial.attention_and_hidden};
    record.states = {states.cell_state, states.attention_and_hidden};
    const auto values = workspace.matrix(rows, units);
    const auto keys = workspace.matrix(rows, units);
    record.memory = read(encoded, initial, values, keys, context, &record.encoder);

    const auto by_step = workspace.matrix(packed.rows(), config_.num_labels);
    for (std::size_t step = 0; step < packed.steps(); ++step) {
      const std::size_t first = packed.step_start(step);
      const std::size_t active = packed.active(step);
      const auto of_step = [&](std::size_t at) {
        return State{
            states.cell_state.row_range(packed.step_start(at), packed.active(at)),
            states.attention_and_hidden.row_range(packed.step_start(at), packed.active(at))};
      };
      const AttentionDecoderRecord own = record.decoder.step(step, first, active);
      decoder_.step(record.steps->step(step), record.memory,
                    step == 0 ? initial : of_step(step - 1), of_step(step),
                    by_step.row_range(first, active), context, &own);
    }
    packed.for_each_row([&](std::size_t from, std::size_t to) {
      std::ranges::copy(by_step.row(from), logits.row(to).begin());
    });
    return logits;
  }

 private:
  using State = typename AttentionDecoder<Backend>::State;

  void check(std::span<const std::span<const std::size_t>> sequences) const {
    for (const std::span<const std::size_t> sequence : sequences) {
      for (const std::size_t id : sequence) {
        if (id < config_.num_labels) continue;
        throw EncodingError::mismatch("", "label of a sequence",
                                      "0 to " + std::to_string(config_.num_labels - 1),
                                      std::to_string(id));
      }
    }
  }

  /// Reads the texts. @param state  out: the first state of each text, in the first rows
  AttentionMemory read(const EncoderOutput& encoded, const State& state, MatrixView<float> values,
                       MatrixView<float> keys, const ExecutionContext& context,
                       const BidirectionalLstmRecord* record = nullptr) const {
    const std::size_t batch = encoded.size();
    const std::size_t units = values.columns;
    const auto attention_and_hidden = state.attention_and_hidden.row_range(0, batch);
    encoder_.forward(encoded.hidden_states, encoded.row_starts,
                     {.hidden_states = values,
                      .cell_state = state.cell_state.row_range(0, batch),
                      .hidden = attention_and_hidden.column_range(units, units)},
                     context, record);
    for (std::size_t text = 0; text < batch; ++text) {
      std::ranges::fill(attention_and_hidden.row(text).first(units), 0.0F);
    }
    decoder_.project_memory(values, keys, context);
    return {values, keys, encoded.row_starts};
  }

  static State make_state(std::size_t rows, std::size_t units, Workspace& workspace) {
    return {.cell_state = workspace.matrix(rows, units),
            .attention_and_hidden = workspace.matrix(rows, 2 * units)};
  }

  Config config_;
  BidirectionalLstm<Backend> encoder_;
  AttentionDecoder<Backend> decoder_;
};

}  // namespace polytag
