#include "polytag/heads/seq2seq.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/given_weights.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/plain_attention_decoder.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

static_assert(SequenceHead<Seq2SeqHead<ReferenceBackend>>);
static_assert(SequenceHead<Seq2SeqHead<NativeBackend>>);

namespace {

Seq2SeqConfig small_config() {
  Seq2SeqConfig config;
  config.hidden_size = 7;
  config.num_labels = 6;
  config.encoder_units = 5;
  config.encoder_layers = 3;
  config.label_embedding_size = 4;
  config.start_id = 1;
  config.end_id = 0;
  config.maximum_length = 6;
  config.beam_width = 3;
  config.forget_bias = 1;
  config.state_layer = 1;
  config.zero_embedding_id = 0;
  return config;
}

/// Weights large enough that texts end in different sequences of different lengths.
WeightSource lively_weights(const Seq2SeqConfig& config) {
  const auto list = test::head_parameters<Seq2SeqHead<ReferenceBackend>>(config);
  const WeightSource small = test::random_weights(list.specs(), 9);
  std::vector<float> values;
  for (const ParameterSpec& parameter : list.specs()) {
    const Tensor tensor = small.read(parameter);
    for (const float value : tensor.span()) values.push_back(value * 12);
  }
  return test::given_weights(list, std::move(values));
}

template <class Backend>
std::vector<BeamSearchResult> search(const Seq2SeqConfig& config, const test::RaggedStates& states,
                                     std::size_t threads) {
  const auto weights = lively_weights(config);
  const auto head = test::make_head<Seq2SeqHead<Backend>>(config, weights, Precision::kFloat32);
  test::OnThreads on(threads);
  return head.search(states.encoded(), on.context);
}

template <class Backend>
std::vector<TextScores> decode(const Seq2SeqConfig& config, const test::RaggedStates& states,
                               std::size_t beams) {
  const auto weights = lively_weights(config);
  const auto head = test::make_head<Seq2SeqHead<Backend>>(config, weights, Precision::kFloat32);
  test::OnThreads on(1);
  return head.decode(states.encoded(), beams, on.context);
}

/// The model for one text, one sequence at a time.
class PlainSeq2Seq {
 public:
  PlainSeq2Seq(const Seq2SeqConfig& config, const WeightSource& weights, const test::Rows& rows)
      : config_(config), weights_(weights), decoder_(config.decoder(), weights, "seq2seq") {
    memory_.resize(rows.size());
    test::PlainLstmState state;
    for (const std::string direction : {"forward", "backward"}) encode(direction, rows, state);
    states_ = {{state, test::Vector(2 * config.encoder_units)}};
  }

  void operator()(const DecodingStep& step, MatrixView<float> logits) {
    std::vector<test::PlainAttentionDecoder::State> next;
    for (std::size_t row = 0; row < step.parents.size(); ++row) {
      next.push_back(states_[step.parents[row]]);
      const test::Vector values = decoder_.step(memory_, step.last_ids[row], next.back());
      std::transform(values.begin(), values.end(), logits.row(row).begin(),
                     [](double value) { return static_cast<float>(value); });
    }
    states_ = std::move(next);
  }

 private:
  void encode(const std::string& direction, test::Rows rows, test::PlainLstmState& final_state) {
    if (direction == "backward") std::reverse(rows.begin(), rows.end());
    for (std::size_t layer = 0; layer < config_.encoder_layers; ++layer) {
      const std::string name = "seq2seq.encoder." + direction + "." + std::to_string(layer);
      const test::Vector zeros(config_.encoder_units);
      test::PlainLstmState state{zeros, zeros};
      for (auto& row : rows) {
        state = test::plain_lstm_step(matrix(name + ".weight"), vector(name + ".bias"),
                                      config_.forget_bias, row, state);
        row = state.hidden;
      }
      if (layer != config_.state_layer) continue;
      final_state.cell = test::concatenated(final_state.cell, state.cell);
      final_state.hidden = test::concatenated(final_state.hidden, state.hidden);
    }
    if (direction == "backward") std::reverse(rows.begin(), rows.end());
    for (std::size_t t = 0; t < rows.size(); ++t) {
      memory_[t] = test::concatenated(memory_[t], rows[t]);
    }
  }

  test::Rows matrix(const std::string& name) const { return test::read_rows(weights_, name); }
  test::Vector vector(const std::string& name) const { return test::read_vector(weights_, name); }

  Seq2SeqConfig config_;
  const WeightSource& weights_;
  test::PlainAttentionDecoder decoder_;
  test::Rows memory_;
  std::vector<test::PlainAttentionDecoder::State> states_;
};

bool same(const BeamSearchResult& a, const BeamSearchResult& b) {
  return a.scores == b.scores &&
         std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                    [](const BeamSearchStep& x, const BeamSearchStep& y) {
                      return x.ids == y.ids && x.parents == y.parents && x.scores == y.scores;
                    });
}

}  // namespace

TEMPLATE_TEST_CASE("seq2seq: beams are those of the plain model", "[heads][seq2seq]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const test::RaggedStates states({5, 1, 9, 4, 12, 7}, 7);
  const auto weights = lively_weights(small_config());
  for (const std::size_t width : {1U, 3U, 5U}) {
    auto config = small_config();
    config.beam_width = width;
    const auto results = search<TestType>(config, states, 1);
    REQUIRE(results.size() == states.size());
    std::set<std::vector<std::size_t>> different;
    for (std::size_t text = 0; text < states.size(); ++text) {
      const auto expected = beam_search(
          1, config.search(), PlainSeq2Seq(config, weights, test::to_rows(states.of(text))))[0];
      REQUIRE(results[text].steps.size() == expected.steps.size());
      for (std::size_t time = 0; time < expected.steps.size(); ++time) {
        CHECK(results[text].steps[time].ids == expected.steps[time].ids);
        CHECK(results[text].steps[time].parents == expected.steps[time].parents);
        for (std::size_t beam = 0; beam < expected.steps[time].scores.size(); ++beam) {
          // float32 against double over an encoder and a decoder with large weights
          CHECK(results[text].steps[time].scores[beam] ==
                Approx(expected.steps[time].scores[beam]).margin(1e-4).epsilon(1e-4));
        }
      }
      different.insert(results[text].sequences[0].ids);
    }
    CHECK(different.size() >= 3);  // else the test would say little
  }
}

TEMPLATE_TEST_CASE("seq2seq: neighbours, order and threads change no bit", "[heads][seq2seq]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const std::vector<std::size_t> lengths{5, 1, 9, 4, 12, 7};
  const auto together = search<TestType>(small_config(), test::RaggedStates(lengths, 7), 1);
  for (const std::size_t threads : {2U, 6U}) {
    const auto threaded = search<TestType>(small_config(), test::RaggedStates(lengths, 7), threads);
    for (std::size_t text = 0; text < lengths.size(); ++text) {
      CHECK(same(threaded[text], together[text]));
    }
  }
  for (std::size_t text = 0; text < lengths.size(); ++text) {
    const test::RaggedStates alone({lengths[text]}, 7);
    CHECK(same(search<TestType>(small_config(), alone, 1)[0], together[text]));
  }
}

TEST_CASE("seq2seq: scores are shares of the beams, whatever the number asked for",
          "[heads][seq2seq]") {
  const test::RaggedStates states({5, 9, 4}, 7);
  const auto config = small_config();
  const auto all = decode<ReferenceBackend>(config, states, 100);
  const auto one = decode<ReferenceBackend>(config, states, 1);
  const auto results = search<ReferenceBackend>(config, states, 1);
  for (std::size_t text = 0; text < states.size(); ++text) {
    REQUIRE(all[text].beams.size() == config.beam_width);
    REQUIRE(one[text].beams.size() == 1);
    CHECK(one[text].beams[0].ids == all[text].beams[0].ids);
    CHECK(one[text].scores == all[text].scores);
    CHECK(all[text].scores == label_shares(results[text].sequences, config.num_labels));
  }
}

TEST_CASE("seq2seq: finished sequences are filled up to the steps taken if the model says so",
          "[heads][seq2seq]") {
  const test::RaggedStates states({5, 1, 9, 4, 12, 7}, 7);
  auto config = small_config();
  const auto plain = decode<ReferenceBackend>(config, states, 3);
  config.fill_finished = true;
  const auto filled = decode<ReferenceBackend>(config, states, 3);
  const auto results = search<ReferenceBackend>(config, states, 1);
  std::size_t longer = 0;
  for (std::size_t text = 0; text < states.size(); ++text) {
    for (std::size_t beam = 0; beam < 3; ++beam) {
      auto expected = plain[text].beams[beam].ids;
      expected.resize(results[text].steps.size(), config.end_id);
      CHECK(filled[text].beams[beam].ids == expected);
      longer += expected.size() - plain[text].beams[beam].ids.size();
    }
    CHECK(filled[text].scores == plain[text].scores);
  }
  CHECK(longer > 0);
}

TEST_CASE("seq2seq: no label twice if the model says so", "[heads][seq2seq]") {
  const test::RaggedStates states({5, 9, 4, 12}, 7);
  auto config = small_config();
  config.unique_labels = true;
  for (const TextScores& text : decode<NativeBackend>(config, states, 3)) {
    for (const LabelSequence& beam : text.beams) {
      CHECK(std::set(beam.ids.begin(), beam.ids.end()).size() == beam.ids.size());
    }
  }
}

TEST_CASE("seq2seq: settings that make no sense are errors that name the field",
          "[heads][seq2seq]") {
  const auto refused = [](auto change, const std::string& field) {
    auto config = small_config();
    change(config);
    CHECK_THROWS_WITH(config.validate("config.json"), ContainsSubstring("config.json: " + field));
  };
  CHECK_NOTHROW(small_config().validate("config.json"));
  refused([](auto& config) { config.hidden_size = 0; }, "hidden_size");
  refused([](auto& config) { config.num_labels = 0; }, "num_labels");
  refused([](auto& config) { config.encoder_units = 0; }, "encoder_units");
  refused([](auto& config) { config.encoder_layers = 0; }, "encoder_layers");
  refused([](auto& config) { config.label_embedding_size = 0; }, "label_embedding_size");
  refused([](auto& config) { config.start_id = 6; }, "start_id");
  refused([](auto& config) { config.end_id = 6; }, "end_id");
  refused([](auto& config) { config.maximum_length = 0; }, "maximum_length");
  refused([](auto& config) { config.maximum_length = 1025; }, "maximum_length");
  refused([](auto& config) { config.beam_width = 257; }, "beam_width");
  refused([](auto& config) { config.beam_width = std::size_t{1} << 40; }, "beam_width");
  refused([](auto& config) { config.length_penalty = -1; }, "length_penalty");
  refused([](auto& config) { config.forget_bias = HUGE_VALF; }, "forget_bias");
  refused([](auto& config) { config.state_layer = 3; }, "state_layer");
  refused([](auto& config) { config.zero_embedding_id = 6; }, "zero_embedding_id");
  CHECK_THROWS_AS(search<ReferenceBackend>(small_config(), test::RaggedStates({4}, 8), 1),
                  ShapeError);
}
