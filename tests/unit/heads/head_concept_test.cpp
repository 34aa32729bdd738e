#include <concepts>
#include <type_traits>

#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "support/catch.hpp"
#include "support/minimal_backend.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"
#include "support/ragged_states.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

/// What the concept ClassificationHead asks for and nothing else.
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
  static std::vector<ParameterSpec> parameters(const Config&) { return {}; }
  MinimalHead(const Config& config, const WeightSource&, Precision) : labels_(config.labels) {}
  MinimalHead(MinimalHead&&) = default;
  MinimalHead& operator=(MinimalHead&&) = default;
  LabelScores scores(const EncoderOutput& encoded, const ExecutionContext&) const {
    LabelScores scores{Tensor({encoded.size(), labels_})};
    for (float& score : scores.values.span()) score = 0.25F;
    return scores;
  }

 private:
  std::size_t labels_;
};

template <ClassificationHead Head>
test::Rows scores_of(const typename Head::Config& config, const test::RaggedStates& states) {
  const Head head(config, test::random_weights(Head::parameters(config)), Precision::kFloat32);
  test::OnThreads on;
  return test::to_rows(head.scores(states.encoded(), on.context).values.matrix());
}

static_assert(KernelBackend<test::MinimalBackend>);
static_assert(!std::copyable<test::MinimalBackend::PackedLinear>);
static_assert(TextEncoder<TransformerEncoder<test::MinimalBackend>>);
static_assert(ClassificationHead<MinimalHead>);
static_assert(!std::copyable<MinimalHead> && !std::is_default_constructible_v<MinimalHead>);
static_assert(!SequenceHead<MinimalHead>);

}  // namespace

TEST_CASE("head concept: a head with nothing but what it asks for is a head", "[heads][concept]") {
  const test::RaggedStates states({3, 5}, 4);
  CHECK(scores_of<MinimalHead>(MinimalHead::Config(2), states) ==
        test::Rows{{0.25, 0.25}, {0.25, 0.25}});
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
  check(scores_of<Seq2SeqHead<MinimalBackend>>(seq2seq, states));
}
