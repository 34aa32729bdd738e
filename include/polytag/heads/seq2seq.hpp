#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/decoding/beam_search.hpp"
#include "polytag/decoding/label_shares.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/nn/attention_decoder.hpp"
#include "polytag/nn/bidirectional_lstm.hpp"

namespace polytag {

struct Seq2SeqConfig {
  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::size_t encoder_units = 0;  ///< of each direction; the decoder has twice as many
  std::size_t encoder_layers = 0;
  std::size_t label_embedding_size = 0;
  std::size_t start_id = 0;  ///< the label that decoding starts from
  std::size_t end_id = 0;    ///< the label that ends a sequence
  std::size_t maximum_length = 0;
  std::size_t beam_width = 1;
  float length_penalty = 0;    ///< see BeamSearchOptions
  bool unique_labels = false;  ///< no label twice in a sequence

  // Ways of the original that other models do not have.
  float forget_bias = 0;                   ///< added to the forget gates, not part of the weights
  std::optional<std::size_t> state_layer;  ///< whose state starts the decoder; none: the last
  std::optional<std::size_t> zero_embedding_id;  ///< a label whose embedding counts as zeros
  /// Finished sequences are filled up with end_id to as many ids as the text took steps.
  bool fill_finished = false;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file) const;

  BidirectionalLstmConfig encoder() const;
  AttentionDecoderConfig decoder() const;
  BeamSearchOptions search() const;
};

/// Reads all hidden states with a stack of bidirectional LSTMs and writes the labels one after the
/// other with an attention decoder, by beam search. As in TextCnnHead, rows of padding take part
/// where a model was trained with padded_length.
template <KernelBackend Backend>
class Seq2SeqHead {
 public:
  using Config = Seq2SeqConfig;

  static constexpr std::string_view kName = "seq2seq";
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static std::vector<ParameterSpec> parameters(const Config& config) {
    auto all = BidirectionalLstm<Backend>::parameters("seq2seq.encoder", config.encoder());
    std::ranges::copy(AttentionDecoder<Backend>::parameters("seq2seq", config.decoder()),
                      std::back_inserter(all));
    return all;
  }

  Seq2SeqHead(const Config& config, const WeightSource& weights, Precision precision)
      : config_((config.validate(weights.location()), config)),
        encoder_(weights, "seq2seq.encoder", config.encoder(), precision),
        decoder_(weights, "seq2seq", config.decoder(), precision) {}

  /// A label's score is the share of the beams' probability whose sequences hold it.
  LabelScores scores(const EncoderOutput& encoded, const ExecutionContext& context) const {
    LabelScores scores{Tensor({encoded.size(), config_.num_labels})};
    const auto texts = decode(encoded, 0, context);
    for (std::size_t text = 0; text < texts.size(); ++text) {
      std::ranges::copy(texts[text].scores, scores.values.matrix().row(text).begin());
    }
    return scores;
  }

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
    const std::size_t of_beam =
        2 * sizeof(DecodedSequence) + 4 * config_.maximum_length * sizeof(std::size_t);
    const std::size_t of_choice = 2 * (2 * sizeof(std::size_t) + sizeof(float));
    return 2 * config_.beam_width * of_beam +
           config_.maximum_length * (2 * sizeof(BeamSearchStep) + config_.beam_width * of_choice);
  }

  /// All beams, and how they came about. @return [batch]
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
    encoder_.forward(
        encoded.hidden_states, encoded.row_starts,
        {.hidden_states = values,
         .cell_state = before.cell_state.row_range(0, batch),
         .hidden = before.attention_and_hidden.row_range(0, batch).column_range(units, units)},
        context);
    for (std::size_t text = 0; text < batch; ++text) {
      std::ranges::fill(before.attention_and_hidden.row(text).first(units), 0.0F);
    }
    const auto keys = workspace.matrix(rows, units);
    decoder_.project_memory(values, keys, context);
    const AttentionMemory memory{values, keys, encoded.row_starts};
    const auto scratch = workspace.allocate<float>(batch * config_.beam_width * config_.num_labels);
    return beam_search(batch, options, scratch,
                       [&](const DecodingStep& step, MatrixView<float> logits) {
                         decoder_.step(step, memory, before, after, logits, context);
                         std::swap(before, after);
                       });
  }

 private:
  using State = typename AttentionDecoder<Backend>::State;

  static State make_state(std::size_t rows, std::size_t units, Workspace& workspace) {
    return {.cell_state = workspace.matrix(rows, units),
            .attention_and_hidden = workspace.matrix(rows, 2 * units)};
  }

  Config config_;
  BidirectionalLstm<Backend> encoder_;
  AttentionDecoder<Backend> decoder_;
};

}  // namespace polytag
