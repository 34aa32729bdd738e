// What all families promise, on small encoders with random weights: neighbours, padding, threads
// and blocks change no bit, in any precision, and the first rows alone are the first rows of all.

#include <algorithm>
#include <string>
#include <vector>

#include "polytag/encoders/any_encoder.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "support/catch.hpp"
#include "support/parts.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

using Encoder = AnyEncoder<NativeBackend>;

constexpr std::size_t kWords = 50, kPlaces = 300;

BertConfig bert() {
  BertConfig config;
  config.vocab_size = kWords;
  config.hidden_size = config.embedding_size = 24;
  config.num_hidden_layers = config.num_hidden_groups = 2;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = kPlaces + 2;
  return config;
}

EncoderConfig roberta() {
  BertConfig config = bert();
  config.first_position = 2;
  config.skips_padding_ids = true;
  config.type_vocab_size = 1;
  return config;
}

EncoderConfig mpnet() {
  BertConfig config = bert();
  config.names = kMpnetNames;
  config.first_position = 2;
  config.skips_padding_ids = true;
  config.relative_attention_num_buckets = 32;
  return config;
}

EncoderConfig relative_keys(BertPositions positions) {
  BertConfig config = bert();
  config.positions = positions;
  return config;
}

EncoderConfig deberta(bool has_convolution) {
  DebertaV2Config config;
  config.bert = bert();
  config.bert.names = kDebertaV2Names;
  config.position_biased_input = false;
  config.relative_attention = true;
  config.position_buckets = 16;
  config.max_relative_positions = 64;
  config.content_to_position = config.position_to_content = true;
  config.share_att_key = !has_convolution;
  config.norm_rel_ebd = true;
  if (has_convolution) {
    config.conv_kernel_size = 3;
    config.conv_groups = 2;
  }
  return config;
}

EncoderConfig modernbert() {
  ModernBertConfig config;
  config.vocab_size = kWords;
  config.hidden_size = 24;
  config.num_hidden_layers = 3;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = 8 * kPlaces;
  config.layer_types = {ModernBertAttention::kFull, ModernBertAttention::kSliding,
                        ModernBertAttention::kSliding};
  config.local_attention = 20;
  return config;
}

EncoderConfig nomic_bert() {
  NomicBertConfig config;
  config.vocab_size = kWords;
  config.hidden_size = 24;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = kPlaces;
  return config;
}

std::vector<EncoderConfig> families() {
  return {roberta(),
          mpnet(),
          relative_keys(BertPositions::kRelativeKey),
          relative_keys(BertPositions::kRelativeKeyQuery),
          deberta(false),
          deberta(true),
          modernbert(),
          nomic_bert()};
}

Encoder make(const EncoderConfig& config, Precision precision) {
  const ParameterList parameters = test::encoder_parameters<Encoder>(config);
  return test::make_encoder<Encoder>(config, test::random_weights(parameters.specs()), precision);
}

std::vector<std::int32_t> ids(std::size_t length, std::size_t seed) {
  std::vector<std::int32_t> values(length);
  for (std::size_t i = 0; i < length; ++i) {
    values[i] = static_cast<std::int32_t>((seed + 7 * i) % kWords);
  }
  return values;
}

void append(EncodedBatch& batch, std::size_t length, std::size_t attended) {
  const auto sequence = ids(length, batch.size());
  batch.append(sequence, std::vector<std::int32_t>(length, 0), attended);
}

}  // namespace

TEST_CASE("encoder families: neighbours, padding, blocks and threads change no bit",
          "[encoders][properties]") {
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBfloat16, Precision::kInt8);
  const std::size_t family = GENERATE(range(std::size_t{0}, std::size_t{8}));
  CAPTURE(to_string(precision), family);
  const Encoder encoder = make(families()[family], precision);
  EncodedBatch batch;
  for (const std::size_t length : {300U, 1U, 33U, 128U, 64U, 3U, 90U}) {
    append(batch, length, batch.size() % 3 == 2 ? (length + 1) / 2 : length);
  }
  Workspace workspace;
  SerialExecutor serial;
  const ExecutionContext one_thread{workspace, serial, default_instruction_set()};
  for (const std::size_t threads : {1U, 3U}) {
    ThreadPool pool(threads);
    const Workspace::Scope scope(workspace);
    const ExecutionContext context{workspace, pool, default_instruction_set()};
    const auto together = encoder.forward(batch, HiddenRows::kAll, context);
    const auto first = encoder.forward(batch, HiddenRows::kFirstToken, context);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      CAPTURE(threads, i);
      const std::size_t start = batch.sequence_starts[i];
      const std::size_t attended = batch.attended_lengths[i];
      EncodedBatch single;
      single.append(std::span(batch.input_ids).subspan(start, attended),
                    std::span(batch.token_type_ids).subspan(start, attended), attended);
      const auto alone = encoder.forward(single, HiddenRows::kAll, one_thread);
      for (std::size_t row = 0; row < attended; ++row) {
        REQUIRE(std::ranges::equal(alone.hidden_states.row(row),
                                   together.hidden_states.row(start + row)));
      }
      const auto one = encoder.forward(single, HiddenRows::kFirstToken, one_thread);
      REQUIRE(std::ranges::equal(one.first_token(0), first.first_token(i)));
      // RoBERTa's last layer sums in another order for the first row alone, as BERT's does.
      if (family == 0) continue;
      REQUIRE(std::ranges::equal(one.first_token(0), alone.first_token(0)));
    }
  }
}

TEST_CASE("encoder families: a token beyond the window of ModernBERT's layers changes no bit",
          "[encoders][properties]") {
  ModernBertConfig config = std::get<ModernBertConfig>(modernbert());
  config.layer_types.assign(3, ModernBertAttention::kSliding);
  const Encoder encoder = make(config, Precision::kFloat32);
  Workspace workspace;
  SerialExecutor serial;
  const ExecutionContext context{workspace, serial, default_instruction_set()};
  EncodedBatch batch, other;
  append(batch, 200, 200);
  other = batch;
  other.input_ids[100] = (other.input_ids[100] + 1) % static_cast<std::int32_t>(kWords);
  const auto before = encoder.forward(batch, HiddenRows::kAll, context).hidden_states;
  const auto after = encoder.forward(other, HiddenRows::kAll, context).hidden_states;
  // Three layers that see 10 rows to each side.
  for (std::size_t row = 0; row < 200; ++row) {
    const bool is_far = row + 30 < 100 || row > 130;
    CAPTURE(row);
    CHECK(std::ranges::equal(before.row(row), after.row(row)) == is_far);
  }
}

TEST_CASE("encoder families: memory grows with a text as its tokens do", "[encoders]") {
  for (const EncoderConfig& config : {modernbert(), deberta(false)}) {
    const Encoder encoder = make(config, Precision::kFloat32);
    const auto bytes = [&](std::size_t tokens) {
      Workspace workspace(std::size_t{1} << 30);
      SerialExecutor serial;
      EncodedBatch batch;
      append(batch, tokens, tokens);
      encoder.forward(batch, HiddenRows::kFirstToken,
                      {workspace, serial, default_instruction_set()});
      return static_cast<double>(workspace.peak());
    };
    CHECK(bytes(300) < 2.2 * bytes(150));
    if (std::holds_alternative<ModernBertConfig>(config)) {
      CHECK(bytes(2400) < 8.5 * bytes(300));
    }
  }
}

TEST_CASE("encoder families: ids, types and lengths beyond the model are errors", "[encoders]") {
  for (const EncoderConfig& config : families()) {
    const Encoder encoder = make(config, Precision::kFloat32);
    Workspace workspace;
    SerialExecutor serial;
    const ExecutionContext context{workspace, serial, default_instruction_set()};
    const auto run = [&](std::size_t length, std::int32_t id, std::int32_t type) {
      EncodedBatch batch;
      batch.append(std::vector<std::int32_t>(length, id), std::vector<std::int32_t>(length, type),
                   length);
      encoder.forward(batch, HiddenRows::kAll, context);
    };
    CHECK_THROWS_AS(run(3, static_cast<std::int32_t>(kWords), 0), EncodingError);
    CHECK_THROWS_AS(run(3, -1, 0), EncodingError);
    const EncoderFacts facts = facts_of(config);
    CHECK_THROWS_AS(run(facts.maximum_tokens + 1, 5, 0), ShapeError);
    CHECK_NOTHROW(run(facts.maximum_tokens, 5, 0));
    if (facts.token_types != 0) {
      CHECK_THROWS_AS(run(3, 5, static_cast<std::int32_t>(facts.token_types)), EncodingError);
    }
  }
}
