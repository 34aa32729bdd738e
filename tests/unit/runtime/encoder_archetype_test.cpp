// An encoder and a head of one's own, with configurations of their own, and what a load refuses.

#include <string>
#include <vector>

#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "polytag/text/bert_tokenizer.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/minimal_backend.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

/// An encoder with what the concept TextEncoder asks for and nothing else: a table of hidden states
/// by token id.
class MinimalEncoder {
 public:
  using Backend = test::MinimalBackend;
  struct Config {
    Config() = delete;
    Config(std::size_t words_, std::size_t width_) : words(words_), width(width_) {}
    std::size_t words, width;
  };
  struct Parameters {
    Parameters() = delete;
    explicit Parameters(ParameterId table_) : table(table_) {}
    ParameterId table;
  };
  static EncoderFacts facts(const Config& config) { return {config.width, config.words, 32, 0}; }
  static Parameters declare(const ParameterList::Scope& scope, const Config& config) {
    return Parameters(scope.add("table", {config.words, config.width}));
  }
  MinimalEncoder(const Config&, const Parameters& parameters, const Weights& weights, Precision)
      : table_(weights.read(parameters.table)) {}
  MinimalEncoder(MinimalEncoder&&) = default;
  MinimalEncoder& operator=(MinimalEncoder&&) = default;

  EncoderOutput forward(const EncodedBatch& batch, HiddenRows,
                        const ExecutionContext& context) const {
    const auto states = context.workspace.matrix(batch.tokens(), table_.shape()[1]);
    for (std::size_t token = 0; token < batch.tokens(); ++token) {
      const auto row = table_.matrix().row(static_cast<std::size_t>(batch.input_ids[token]));
      std::ranges::copy(row, states.row(token).begin());
    }
    return {states, batch.sequence_starts, batch.attended_lengths};
  }

 private:
  Tensor table_;
};

static_assert(TextEncoder<MinimalEncoder>);
static_assert(!std::copyable<MinimalEncoder> && !std::is_default_constructible_v<MinimalEncoder>);

ModelDirectory model_with(const ParameterList& parameters, std::vector<ParameterSpec> more = {}) {
  ModelConfig config;
  config.file = "config.json";
  config.model_type = "minimal";
  config.labels = LabelVocabulary({"one", "two", "three"}, "");
  config.problem_type = "multi_label_classification";
  std::vector<std::string> words{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"};
  more.insert(more.begin(), parameters.specs().begin(), parameters.specs().end());
  return {.path = "",
          .config = std::move(config),
          .tokenizer = make_bert_tokenizer(Vocabulary(std::move(words), "")),
          .weights = test::random_weights(more),
          .encoder_prefix = "minimal"};
}

ClsDenseConfig head_config() {
  ClsDenseConfig config;
  config.hidden_size = 6;
  config.num_labels = 3;
  config.transform.name = "pooler";
  return config;
}

template <class Encoder>
ParameterList parameters_of(const typename Encoder::Config& config) {
  ParameterList list;
  Encoder::declare(list.root("minimal"), config);
  declare_head({list.root(), list.root("minimal")}, head_config());
  return list;
}

BertConfig bert_config() {
  BertConfig config;
  config.vocab_size = 5;
  config.hidden_size = config.embedding_size = 6;
  config.num_hidden_layers = config.num_hidden_groups = 1;
  config.num_attention_heads = 2;
  config.intermediate_size = 8;
  config.max_position_embeddings = 16;
  return config;
}

}  // namespace

TEST_CASE("encoder concept: an encoder with nothing but what it asks for classifies",
          "[runtime][concept]") {
  const MinimalEncoder::Config config(5, 6);
  const HeadClassifier<MinimalEncoder, ClsDenseHead<test::MinimalBackend>> classifier(
      model_with(parameters_of<MinimalEncoder>(config)), config, head_config(), {});
  const auto scores = classifier.scores("a a").scores;
  REQUIRE(scores.size() == 3);
  for (const float score : scores) CHECK((score > 0 && score < 1));
  CHECK(classifier.description().backend == "minimal");
  CHECK(classifier.description().architecture == "minimal");
  CHECK(classifier.description().maximum_tokens == 32);
  CHECK(classifier.description().parameter_count == 5 * 6 + 6 * 6 + 6 + 3 * 6 + 3);
}

TEST_CASE("head classifier: a tensor within the encoder's scope that nothing declares is an error",
          "[runtime]") {
  const MinimalEncoder::Config config(5, 6);
  using Classifier = HeadClassifier<MinimalEncoder, ClsDenseHead<test::MinimalBackend>>;
  const auto list = parameters_of<MinimalEncoder>(config);
  CHECK_THROWS_WITH(
      Classifier(model_with(list, {{"minimal.other", {1}}}), config, head_config(), {}),
      ContainsSubstring("tensor \"minimal.other\": expected no tensor"));
  CHECK_NOTHROW(Classifier(model_with(list, {{"loss.weight", {1}}}), config, head_config(), {}));
}

TEST_CASE("head classifier: its backend is the encoder's, not that of the options", "[runtime]") {
  const HeadClassifier<BertEncoder<EigenBackend>, ClsDenseHead<EigenBackend>> classifier(
      model_with(parameters_of<BertEncoder<EigenBackend>>(bert_config())), bert_config(),
      head_config(), {});
  CHECK(classifier.description().backend == "eigen");
  CHECK(classifier.description().precision == Precision::kFloat32);
}

TEST_CASE("head classifier: a precision that the backend does not compute in is refused",
          "[runtime]") {
  const auto load = [](auto backend, Precision precision) {
    using Backend = decltype(backend);
    LoadOptions options;
    options.precision = precision;
    const HeadClassifier<BertEncoder<Backend>, ClsDenseHead<Backend>> classifier(
        model_with(parameters_of<BertEncoder<Backend>>(bert_config())), bert_config(),
        head_config(), options);
    return classifier.description().precision;
  };
  CHECK_THROWS_WITH(
      load(ReferenceBackend(), Precision::kInt8),
      "precision: expected one that the backend \"reference\" computes in, found int8");
  CHECK_THROWS_AS(load(EigenBackend(), Precision::kBfloat16), ArgumentError);
  CHECK(load(EigenBackend(), Precision::kAuto) == Precision::kFloat32);
  CHECK(load(NativeBackend(), Precision::kInt8) == Precision::kInt8);
#ifdef POLYTAG_WITH_ONEDNN
  CHECK_THROWS_AS(load(OneDnnBackend(), Precision::kInt8), ArgumentError);
#endif
}

TEST_CASE("head classifier: a family's encoder is configured by the model directory", "[runtime]") {
  using Encoder = BertEncoder<NativeBackend>;
  using Classifier = HeadClassifier<Encoder, ClsDenseHead<NativeBackend>>;
  ModelDirectory model = model_with(parameters_of<Encoder>(bert_config()));
  model.config.encoder = bert_config();
  const Classifier classifier(std::move(model), head_config(), {});
  CHECK(classifier.description().maximum_tokens == 16);
  // An encoder with a configuration of its own has to be given one.
  using Own = HeadClassifier<MinimalEncoder, ClsDenseHead<test::MinimalBackend>>;
  static_assert(!std::constructible_from<Own, ModelDirectory, ClsDenseConfig, LoadOptions>);
  static_assert(std::constructible_from<Classifier, ModelDirectory, ClsDenseConfig, LoadOptions>);
}
