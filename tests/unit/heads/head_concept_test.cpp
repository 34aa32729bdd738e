#include <cmath>
#include <concepts>
#include <type_traits>

#include "polytag/encoders/any_encoder.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "support/catch.hpp"
#include "support/given_weights.hpp"
#include "support/minimal_backend.hpp"
#include "support/on_threads.hpp"
#include "support/parts.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

/// A head with what the concept LabelHead asks for and nothing else.
class MinimalHead {
 public:
  struct Config {
    Config() = delete;
    explicit Config(std::size_t labels_) : labels(labels_) {}
    Config(const Config&) = delete;
    std::size_t labels;
  };
  static constexpr const char* kName = "minimal";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;
  struct Parameters {
    Parameters() = delete;
    explicit Parameters(ParameterId bias_) : bias(bias_) {}
    ParameterId bias;
  };
  static Parameters declare(const HeadScope& scope, const Config& config) {
    return Parameters(scope.own.add("bias", {config.labels}));
  }
  MinimalHead(const Config&, const Parameters& parameters, const Weights& weights, Precision)
      : bias_(weights.read(parameters.bias)) {}
  MinimalHead(MinimalHead&&) = default;
  MinimalHead& operator=(MinimalHead&&) = default;
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), bias_.size());
    for (std::size_t i = 0; i < logits.rows; ++i) {
      std::ranges::copy(bias_.span(), logits.row(i).begin());
    }
    return logits;
  }
  LabelActivation activation() const { return LabelActivation::kSigmoid; }

 private:
  Tensor bias_;
};

template <ClassificationHead Head>
Head head_of(const typename Head::Config& config) {
  const auto weights = test::random_weights(test::head_parameters<Head>(config).specs());
  return test::make_head<Head>(config, weights, Precision::kFloat32);
}

template <LabelHead Head>
test::Rows scores_of(const typename Head::Config& config, const test::RaggedStates& states) {
  test::OnThreads on;
  const Tensor scores =
      test::scores_of<test::MinimalBackend>(head_of<Head>(config), states.encoded(), on.context);
  return test::to_rows(scores.matrix());
}

static_assert(KernelBackend<test::MinimalBackend>);
static_assert(!std::copyable<test::MinimalBackend::PackedLinear>);
static_assert(TextEncoder<BertEncoder<test::MinimalBackend>>);
static_assert(TextEncoder<AnyEncoder<test::MinimalBackend>>);
static_assert(LabelHead<MinimalHead>);
static_assert(!std::copyable<MinimalHead> && !std::is_default_constructible_v<MinimalHead>);
static_assert(!SequenceHead<MinimalHead>);

}  // namespace

TEST_CASE("head concept: a head with nothing but what it asks for is a head", "[heads][concept]") {
  const test::RaggedStates states({3, 5}, 4);
  const MinimalHead::Config config(2);
  // The sigmoid of -log(3) is a quarter, that of 0 a half.
  const auto weights =
      test::given_weights(test::head_parameters<MinimalHead>(config), {-std::log(3.0F), 0.0F});
  const auto head = test::make_head<MinimalHead>(config, weights, Precision::kFloat32);
  test::OnThreads on;
  const Tensor scores = test::scores_of<test::MinimalBackend>(head, states.encoded(), on.context);
  // One rounding of log(3), one of the sigmoid: 2^-24 each, relative to less than 1.
  CHECK(test::greatest_difference(test::to_rows(scores.matrix()), {{0.25, 0.5}, {0.25, 0.5}}) <
        0x1p-23);
}

TEST_CASE("backend concept: the heads ask a backend for nothing else", "[heads][concept]") {
  using test::MinimalBackend;
  const test::RaggedStates states({3, 5}, 4);
  const auto check = [&](const test::Rows& scores) {
    REQUIRE(scores.size() == 2);
    for (const auto& row : scores) {
      REQUIRE(row.size() == 3);
      for (const double score : row) CHECK((score >= 0 && score <= 1));
    }
  };
  ClsDenseHead<MinimalBackend>::Config cls;
  cls.hidden_size = 4;
  cls.num_labels = 3;
  cls.transform.name = "pooler";
  check(scores_of<ClsDenseHead<MinimalBackend>>(cls, states));
  check(scores_of<TextCnnHead<MinimalBackend>>({.hidden_size = 4,
                                                .num_labels = 3,
                                                .filter_sizes = {2, 4},
                                                .num_filters = 2,
                                                .activation = LabelActivation::kSoftmax},
                                               states));
  check(scores_of<BinaryRelevanceHead<MinimalBackend>>(
      {.hidden_size = 4, .num_labels = 3, .transform = {.name = "pooler"}}, states));
  Seq2SeqConfig seq2seq;
  seq2seq.hidden_size = 4;
  seq2seq.num_labels = 3;
  seq2seq.encoder_units = seq2seq.label_embedding_size = 2;
  seq2seq.encoder_layers = 1;
  seq2seq.start_id = 1;
  seq2seq.maximum_length = 4;
  test::OnThreads on;
  test::Rows rows;
  for (const TextScores& text :
       head_of<Seq2SeqHead<MinimalBackend>>(seq2seq).decode(states.encoded(), 1, on.context)) {
    rows.emplace_back(text.scores.begin(), text.scores.end());
  }
  check(rows);
}
