#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "polytag/nn/attention_decoder.hpp"
#include "support/plain_layers.hpp"

namespace polytag::test {

/// The twin of AttentionDecoder: one text, one sequence and one step at a time, in double.
class PlainAttentionDecoder {
 public:
  struct State {
    PlainLstmState lstm;
    Vector attention;
  };

  /// @param scope  that of the decoder's parameters
  PlainAttentionDecoder(AttentionDecoderConfig config, const WeightSource& weights,
                        std::string scope)
      : config_(std::move(config)), weights_(weights), scope_(std::move(scope)) {}

  /// Emits an id. @return the logits of the one that follows
  Vector step(const Rows& memory, std::size_t last_id, State& state) const {
    Vector embedding = matrix("label_embedding.weight")[last_id];
    if (last_id == config_.zero_embedding_id) embedding.assign(embedding.size(), 0);
    state.lstm =
        plain_lstm_step(matrix("decoder.weight"), vector("decoder.bias"), config_.forget_bias,
                        concatenated(embedding, state.attention), state.lstm);
    state.attention =
        plain_linear(matrix("attention_layer.weight"), {},
                     concatenated(state.lstm.hidden, attended(memory, state.lstm.hidden)));
    return plain_linear(matrix("output.weight"), vector("output.bias"), state.attention);
  }

 private:
  /// The memory's rows, averaged by how well they fit.
  Vector attended(const Rows& memory, const Vector& hidden) const {
    const Vector query = plain_linear(matrix("attention.query_layer.weight"), {}, hidden);
    const Vector v = vector("attention.v");
    Vector scores;
    for (const Vector& row : memory) {
      const Vector key = plain_linear(matrix("memory_layer.weight"), {}, row);
      double score = 0;
      for (std::size_t u = 0; u < v.size(); ++u) score += v[u] * std::tanh(key[u] + query[u]);
      scores.push_back(score);
    }
    const Vector shares = plain_softmax(scores);
    Vector context(memory[0].size());
    for (std::size_t t = 0; t < memory.size(); ++t) {
      for (std::size_t i = 0; i < context.size(); ++i) context[i] += shares[t] * memory[t][i];
    }
    return context;
  }

  Rows matrix(const std::string& name) const { return read_rows(weights_, scope_ + "." + name); }
  Vector vector(const std::string& name) const {
    return read_vector(weights_, scope_ + "." + name);
  }

  AttentionDecoderConfig config_;
  const WeightSource& weights_;
  std::string scope_;
};

}  // namespace polytag::test
