#include <algorithm>
#include <numeric>
#include <vector>

#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/parts.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

using Encoder = BertEncoder<ReferenceBackend>;

BertConfig small_config(const std::string& model_type) {
  BertConfig config;
  config.names = model_type == "albert"       ? kAlbertNames
                 : model_type == "distilbert" ? kDistilBertNames
                                              : kBertNames;
  config.vocab_size = 50;
  config.hidden_size = 12;
  config.embedding_size = model_type == "albert" || model_type == "electra" ? 7 : 12;
  config.num_hidden_layers = 4;
  config.num_hidden_groups = model_type == "albert" ? 2 : 4;
  config.inner_group_num = model_type == "albert" ? 2 : 1;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = 16;
  config.type_vocab_size = model_type == "distilbert" ? 0 : 2;
  return config;
}

struct Model {
  BertConfig config;
  Encoder encoder;
};

Model make_model(const std::string& model_type) {
  const BertConfig config = small_config(model_type);
  const ParameterList parameters = test::encoder_parameters<Encoder>(config);
  const WeightSource weights = test::random_weights(parameters.specs());
  return {config, test::make_encoder<Encoder>(config, weights, Precision::kFloat32)};
}

std::vector<std::int32_t> ids(std::size_t length, std::int32_t first) {
  std::vector<std::int32_t> values(length);
  for (std::size_t i = 0; i < length; ++i) {
    values[i] = (first + static_cast<std::int32_t>(7 * i)) % 50;
  }
  return values;
}

EncodedBatch batch_of(const std::vector<std::vector<std::int32_t>>& sequences) {
  EncodedBatch batch;
  for (const auto& sequence : sequences) {
    batch.append(sequence, std::vector<std::int32_t>(sequence.size(), 0), sequence.size());
  }
  return batch;
}

/// All rows of the output, copied.
std::vector<std::vector<float>> run(const Encoder& encoder, const EncodedBatch& batch,
                                    HiddenRows rows) {
  Workspace workspace;
  SerialExecutor executor;
  const ExecutionContext context{workspace, executor, InstructionSet::kBaseline};
  const EncoderOutput output = encoder.forward(batch, rows, context);
  std::vector<std::vector<float>> all;
  for (std::size_t row = 0; row < output.hidden_states.rows; ++row) {
    const auto values = output.hidden_states.row(row);
    all.emplace_back(values.begin(), values.end());
  }
  return all;
}

}  // namespace

TEST_CASE("encoder: neighbours in a batch change no bit", "[encoders][properties]") {
  for (const std::string type : {"bert", "albert", "distilbert", "electra"}) {
    const Model model = make_model(type);
    const std::vector<std::vector<std::int32_t>> sequences{ids(5, 1), ids(1, 9), ids(16, 3),
                                                           ids(8, 4)};
    const auto together = run(model.encoder, batch_of(sequences), HiddenRows::kAll);
    std::size_t row = 0;
    for (const auto& sequence : sequences) {
      for (const auto& alone : run(model.encoder, batch_of({sequence}), HiddenRows::kAll)) {
        CHECK(alone == together[row++]);
      }
    }
    CHECK(row == together.size());
  }
}

TEST_CASE("encoder: a layer's blocks of sequences change no bit", "[encoders][properties]") {
  using NativeEncoder = BertEncoder<NativeBackend>;
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBfloat16, Precision::kInt8);
  BertConfig config = small_config("bert");
  config.max_position_embeddings = 300;
  const ParameterList parameters = test::encoder_parameters<NativeEncoder>(config);
  const auto encoder = test::make_encoder<NativeEncoder>(
      config, test::random_weights(parameters.specs()), precision);
  // Shorter and longer than a block, with and without padding, and some that fill one exactly.
  EncodedBatch batch;
  for (const std::size_t length : {300U, 1U, 127U, 128U, 129U, 64U, 64U, 3U, 40U, 90U, 5U, 256U}) {
    const auto sequence = ids(length, static_cast<std::int32_t>(batch.size()));
    batch.append(sequence, std::vector<std::int32_t>(length, 0),
                 batch.size() % 3 == 0 ? (length + 1) / 2 : length);
  }
  Workspace workspace;
  SerialExecutor serial;
  const ExecutionContext one_thread{workspace, serial, default_instruction_set()};
  for (const std::size_t threads : {1U, 2U, 3U}) {
    ThreadPool pool(threads);
    const Workspace::Scope scope(workspace);
    const auto together =
        encoder.forward(batch, HiddenRows::kAll, {workspace, pool, default_instruction_set()});
    REQUIRE(together.hidden_states.rows == batch.tokens());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::size_t start = batch.sequence_starts[i];
      EncodedBatch single;
      single.append(std::span(batch.input_ids).subspan(start, batch.length(i)),
                    std::span(batch.token_type_ids).subspan(start, batch.length(i)),
                    batch.attended_lengths[i]);
      const auto alone = encoder.forward(single, HiddenRows::kAll, one_thread);
      for (std::size_t row = 0; row < batch.length(i); ++row) {
        CAPTURE(threads, i, row);
        REQUIRE(std::ranges::equal(alone.hidden_states.row(row),
                                   together.hidden_states.row(start + row)));
      }
    }
  }
}

TEST_CASE("encoder: sequences are counted into blocks of so many rows", "[encoders]") {
  const std::vector<std::size_t> starts{0, 5, 5, 8, 20, 21};
  const std::vector<std::size_t> lengths{5, 0, 3, 12, 1};
  const SequenceLayout layout{starts, lengths};
  CHECK(layout.count_within(0, 8) == 3);
  CHECK(layout.count_within(0, 7) == 2);
  CHECK(layout.count_within(0, 1) == 1);
  CHECK(layout.count_within(3, 1) == 1);
  CHECK(layout.count_within(3, 13) == 2);
  CHECK(layout.count_within(4, 100) == 1);
  CHECK(layout.count_within(0, 100) == 5);
}

TEST_CASE("encoder: the first rows alone equal the first rows of all", "[encoders][properties]") {
  for (const std::string type : {"bert", "albert", "distilbert", "electra"}) {
    const Model model = make_model(type);
    const EncodedBatch batch = batch_of({ids(5, 1), ids(9, 2), ids(1, 0)});
    const auto all = run(model.encoder, batch, HiddenRows::kAll);
    const auto first = run(model.encoder, batch, HiddenRows::kFirstToken);
    REQUIRE(first.size() == 3);
    // Sums run in another order (FirstTokenAttention); values are below 3, observed: 5e-7.
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(test::distance(first[i], all[batch.sequence_starts[i]], 2e-6, 0).worst <= 1);
    }
  }
}

TEST_CASE("encoder: padded rows are computed and never attended to", "[encoders][properties]") {
  const Model model = make_model("albert");
  const auto real = ids(6, 2);
  auto padded = real;
  padded.resize(11, 0);
  EncodedBatch batch;
  batch.append(padded, std::vector<std::int32_t>(padded.size(), 0), real.size());
  const auto with_padding = run(model.encoder, batch, HiddenRows::kAll);
  const auto without = run(model.encoder, batch_of({real}), HiddenRows::kAll);
  REQUIRE(with_padding.size() == 11);
  for (std::size_t i = 0; i < real.size(); ++i) CHECK(with_padding[i] == without[i]);
  CHECK(with_padding[7] != with_padding[8]);  // a padded row depends on its position
}

TEST_CASE("encoder: padding ids take the position before the first and are not counted",
          "[encoders]") {
  BertConfig config = small_config("bert");
  config.num_hidden_layers = config.num_hidden_groups = 1;
  config.first_position = 4;
  config.skips_padding_ids = true;
  const ParameterList parameters = test::encoder_parameters<Encoder>(config);
  const WeightSource weights = test::random_weights(parameters.specs());
  const auto encoder = test::make_encoder<Encoder>(config, weights, Precision::kFloat32);
  const Tensor words = weights.read("embeddings.word_embeddings.weight", {50, 12});
  const Tensor positions = weights.read("embeddings.position_embeddings.weight", {16, 12});
  const Tensor types = weights.read("embeddings.token_type_embeddings.weight", {2, 12});
  const std::vector<std::int32_t> sequence{7, 3, 9, 3, 3, 5};
  const std::vector<std::size_t> expected{4, 3, 5, 3, 3, 6};
  Workspace workspace;
  SerialExecutor executor;
  encoder.forward(
      batch_of({sequence}), HiddenRows::kAll, {workspace, executor, InstructionSet::kBaseline},
      [&](std::size_t stage, const EncoderOutput& output) {
        if (stage != 0) return;
        const Tensor weight = weights.read("embeddings.LayerNorm.weight", {12});
        const Tensor bias = weights.read("embeddings.LayerNorm.bias", {12});
        for (std::size_t t = 0; t < sequence.size(); ++t) {
          Tensor row({1, 12});
          for (std::size_t i = 0; i < 12; ++i) {
            row.span()[i] = words.matrix().row(static_cast<std::size_t>(sequence[t]))[i] +
                            positions.matrix().row(expected[t])[i] + types.matrix().row(0)[i];
          }
          ReferenceBackend::layer_norm(row.matrix(), weight.span(), bias.span(), 1e-12F,
                                       row.matrix(),
                                       {workspace, executor, InstructionSet::kBaseline});
          CHECK(test::distance(output.hidden_states.row(t), row.span(), 1e-6, 0).worst <= 1);
        }
      });
}

TEST_CASE("encoder: layers that share weights are read once", "[encoders]") {
  const auto config = small_config("albert");
  const ParameterList parameters = test::encoder_parameters<Encoder>(config);
  const auto is_query = [](const ParameterSpec& spec) {
    return spec.name.ends_with("attention.query.weight");
  };
  CHECK(std::ranges::count_if(parameters.specs(), is_query) ==
        4);  // 2 groups of 2, used by 4 hidden layers
}

TEST_CASE("encoder: ids, token types and lengths beyond the model are errors", "[encoders]") {
  const Model model = make_model("bert");
  CHECK_THROWS_WITH(run(model.encoder, batch_of({{1, 50}}), HiddenRows::kAll),
                    ContainsSubstring("token id: expected 0 to 49, found 50"));
  CHECK_THROWS_WITH(run(model.encoder, batch_of({{1, -1}}), HiddenRows::kAll),
                    ContainsSubstring("found -1"));
  CHECK_THROWS_WITH(run(model.encoder, batch_of({ids(17, 0)}), HiddenRows::kAll),
                    ContainsSubstring("at most 16 tokens, found 17"));
  EncodedBatch types;
  types.append(std::vector<std::int32_t>{1}, std::vector<std::int32_t>{2}, 1);
  CHECK_THROWS_WITH(run(model.encoder, types, HiddenRows::kAll), ContainsSubstring("token type"));
}

TEST_CASE("encoder: an empty batch has no rows", "[encoders]") {
  const Model model = make_model("bert");
  CHECK(run(model.encoder, {}, HiddenRows::kAll).empty());
  CHECK(run(model.encoder, {}, HiddenRows::kFirstToken).empty());
}
