#pragma once

#include <algorithm>
#include <cstddef>
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

/// Reads all hidden states with a stack of bidirectional LSTMs and writes the labels one after the
/// other with an attention decoder, by beam search. Rows of padding take part where a model was
/// trained with padded_length.
template <KernelBackend Backend>
class Seq2SeqHead {
 public:
  using Config = Seq2SeqConfig;
  using Parameters = Seq2SeqParameters;

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
