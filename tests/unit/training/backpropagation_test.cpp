#include "polytag/training/backpropagation.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine_models.hpp"
#include "polytag/error.hpp"
#include "polytag/training/gradient_check.hpp"
#include "support/catch.hpp"

using namespace polytag;
using training::BackpropagationOptions;
using training::BatchLoss;
using training::ParameterStore;

namespace {

template <class Backend>
using Heads = std::tuple<ClsDenseHead<Backend>, BinaryRelevanceHead<Backend>,
                         MeanDenseHead<Backend>, TextCnnHead<Backend>, Seq2SeqHead<Backend>>;

/// The same head on the reference backend. A template over any head is more than clang 14 takes.
struct OnReference {
  static ClsDenseHead<ReferenceBackend> of(ClsDenseHead<NativeBackend>*);
  static BinaryRelevanceHead<ReferenceBackend> of(BinaryRelevanceHead<NativeBackend>*);
  static MeanDenseHead<ReferenceBackend> of(MeanDenseHead<NativeBackend>*);
  static TextCnnHead<ReferenceBackend> of(TextCnnHead<NativeBackend>*);
  static Seq2SeqHead<ReferenceBackend> of(Seq2SeqHead<NativeBackend>*);
};

constexpr training::DropoutRates kDropout{.hidden = 0.1F, .attention = 0.2F, .head = 0.3F};

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

TEMPLATE_LIST_TEST_CASE("gradients: equal central differences, with dropout and shared layers",
                        "[training]", Heads<ReferenceBackend>) {
  const bool drops = GENERATE(false, true);
  BackpropagationOptions options{.shards = 4, .computes_key_bias = true};
  if (drops) options.dropout = kDropout;
  test::SmallEngine<ReferenceBackend, TestType> model(options);
  const test::SmallTexts small;
  const auto texts = small.texts().first(5);
  SerialExecutor executor;
  const auto checked = training::check_gradients(model.engine, model.store, texts,
                                                 test::smooth_loss, 5, 1, executor);
  CHECK(checked.size() == model.store.layout().places().size());
  for (const training::CheckedGradient& entry : checked) {
    INFO(TestType::kName << " " << entry.parameter << (drops ? " with dropout: " : ": ")
                         << entry.computed << ", not " << entry.measured);
    CHECK(entry.error(0.05) < 0.03);  // losses of float32 states have a noise of some 1e-6
  }
}

TEMPLATE_LIST_TEST_CASE("gradients: of native kernels equal those of the reference", "[training]",
                        Heads<NativeBackend>) {
  using Plain = decltype(OnReference::of(static_cast<TestType*>(nullptr)));
  const BackpropagationOptions options{.shards = 2, .dropout = kDropout};
  const test::SmallTexts small;
  SerialExecutor executor;
  test::SmallEngine<ReferenceBackend, Plain> reference(options);
  const double loss = reference.run(small.texts(), executor).loss;
  for (const InstructionSet level : supported_instruction_sets()) {
    INFO(TestType::kName << " on " << to_string(level));
    test::SmallEngine<NativeBackend, TestType> native(options, level);
    CHECK(native.run(small.texts(), executor).loss == Approx(loss).epsilon(1e-5));
    for (const ParameterPlace& place : native.store.layout().places()) {
      INFO(place.name);
      const auto found = ParameterStore::of(place, native.store.gradients());
      const auto expected = ParameterStore::of(place, reference.store.gradients());
      double worst = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        worst = std::max(worst, std::abs(double{found[i]} - double{expected[i]}));
      }
      CHECK(worst < 2e-5);
    }
  }
}

TEMPLATE_LIST_TEST_CASE(
    "gradients: have the same bits on any threads, however many shards are in "
    "memory at a time",
    "[training]", Heads<NativeBackend>) {
  BackpropagationOptions options{.shards = 8, .dropout = kDropout, .seed = 11};
  const test::SmallTexts small;
  test::SmallEngine<NativeBackend, TestType> first(options);
  SerialExecutor serial;
  const BatchLoss expected = first.run(small.texts(), serial);
  const std::vector<float> gradients = copy(first.store.gradients());
  for (const std::size_t threads : {1U, 2U, 3U, 5U}) {
    for (const std::size_t in_flight : {0U, 1U, 2U, 4U}) {
      INFO(threads << " threads, " << in_flight << " shards in flight");
      options.shards_in_flight = in_flight;
      ThreadPool pool(threads);
      test::SmallEngine<NativeBackend, TestType> other(options);
      for (int run = 0; run < 2; ++run) {
        const BatchLoss found = other.run(small.texts(), pool);
        CHECK(found.loss == expected.loss);
        CHECK(found.squares_of_word_rows == expected.squares_of_word_rows);
        CHECK(std::memcmp(gradients.data(), other.store.gradients().data(),
                          gradients.size() * sizeof(float)) == 0);
      }
    }
  }
}

TEMPLATE_LIST_TEST_CASE("training's forward pass: has the bits of inference", "[training]",
                        Heads<NativeBackend>) {
  using Encoder = BertEncoder<NativeBackend>;
  const BertConfig config = test::small_bert();
  const auto head_config = test::small_head(static_cast<const typename TestType::Config*>(nullptr));
  ParameterList list;
  const auto encoder_parameters = Encoder::declare(list.root("albert"), config);
  const auto head_parameters = TestType::declare({list.root(), list.root("albert")}, head_config);
  const WeightSource source = test::random_weights(list.specs());
  const Weights weights(list, source);
  const Encoder encoder(config, encoder_parameters, weights, Precision::kFloat32);
  const TestType head(head_config, head_parameters, weights, Precision::kFloat32);
  EncodedBatch batch;
  const test::SmallTexts small;
  for (const training::TrainingText& text : small.texts()) {
    batch.append(text.ids, text.types, text.attended_length);
  }
  SerialExecutor executor;
  const auto same = [](MatrixView<const float> a, MatrixView<const float> b) {
    return a.rows == b.rows && a.columns == b.columns &&
           std::memcmp(a.data, b.data, a.rows * a.columns * sizeof(float)) == 0;
  };
  for (const InstructionSet level : supported_instruction_sets()) {
    INFO(TestType::kName << " on " << to_string(level));
    Workspace workspace;
    const ExecutionContext context{workspace, executor, level};
    BertRecord record;
    record.allocate(config, batch, {}, {}, workspace);
    const EncoderOutput plain = encoder.forward(batch, HiddenRows::kAll, context);
    const EncoderOutput recorded = encoder.forward(batch, record, context);
    CHECK(same(plain.hidden_states, recorded.hidden_states));
    if constexpr (LabelHead<TestType>) {
      typename TestType::Record head_record;
      CHECK(same(head.logits(plain, context), head.logits(recorded, context, head_record)));
    }
  }
}

TEST_CASE("gradients: a text alone, and rows of words that are not there any more", "[training]") {
  using Head = ClsDenseHead<NativeBackend>;
  test::SmallEngine<NativeBackend, Head> model({.shards = 4});
  test::SmallEngine<NativeBackend, Head> fresh({.shards = 4});
  const test::SmallTexts small;
  SerialExecutor executor;
  model.run(small.texts(), executor);
  const BatchLoss again = model.run(small.texts().subspan(2, 1), executor);
  const BatchLoss alone = fresh.run(small.texts().subspan(2, 1), executor);
  CHECK(again.loss == alone.loss);
  CHECK(again.text_losses.size() == 1);
  CHECK(copy(model.store.gradients()) == copy(fresh.store.gradients()));
}

TEST_CASE("gradients: a frozen encoder gets none, and the head those that it always gets",
          "[training]") {
  using Head = TextCnnHead<NativeBackend>;
  test::SmallEngine<NativeBackend, Head> all({});
  test::SmallEngine<NativeBackend, Head> frozen({.freezes_encoder = true});
  const test::SmallTexts small;
  SerialExecutor executor;
  const BatchLoss expected = all.run(small.texts(), executor);
  for (int run = 0; run < 2; ++run) {
    CHECK(frozen.run(small.texts(), executor).loss == expected.loss);
    for (const ParameterPlace& place : all.store.layout().places()) {
      const auto gradient = copy(ParameterStore::of(place, frozen.store.gradients()));
      if (place.depth == all.store.layout().head_depth()) {
        CHECK(gradient == copy(ParameterStore::of(place, all.store.gradients())));
      } else {
        CHECK(gradient == std::vector<float>(place.count));
      }
    }
  }
}

TEST_CASE("gradients: the key's bias gets none unless it is asked for", "[training]") {
  using Head = ClsDenseHead<NativeBackend>;
  const test::SmallTexts small;
  SerialExecutor executor;
  const auto largest_of = [&](bool computes) {
    test::SmallEngine<NativeBackend, Head> model({.computes_key_bias = computes});
    model.run(small.texts(), executor);
    const ParameterPlace* const place = model.store.layout().find(
        "albert.encoder.albert_layer_groups.0.albert_layers.0.attention.key.bias");
    REQUIRE(place != nullptr);
    float largest = 0;
    for (const float x : ParameterStore::of(*place, model.store.gradients())) {
      largest = std::max(largest, std::abs(x));
    }
    return largest;
  };
  CHECK(largest_of(false) == 0);
  CHECK(largest_of(true) > 0);
  CHECK(largest_of(true) < 1e-6F);
}

TEST_CASE("gradients: what cannot be is refused", "[training]") {
  using Head = Seq2SeqHead<NativeBackend>;
  using Engine = test::SmallEngine<NativeBackend, Head>;
  SerialExecutor executor;
  const test::SmallTexts small;
  Engine model({});
  CHECK_THROWS_AS(model.run({}, executor), ArgumentError);
  CHECK_THROWS_AS(Engine({.shards = 6}).run(small.texts(), executor), ArgumentError);
  const std::vector<std::size_t> wrong{1, 5};
  training::TrainingText text = small.texts()[0];
  text.target.sequence = wrong;
  CHECK_THROWS_WITH(model.run(std::span(&text, 1), executor),
                    ContainsSubstring("label of a sequence") && ContainsSubstring("0 to 4"));
  const std::vector<std::int32_t> ids{1, 23};
  text = small.texts()[0];
  text.ids = ids;
  text.types = {};
  text.attended_length = 2;
  CHECK_THROWS_AS(model.run(std::span(&text, 1), executor), EncodingError);
  ParameterList other;
  other.root().add("weight", {3});
  CHECK_THROWS_WITH(training::check_store(other, model.store.layout()),
                    ContainsSubstring("parameter 0 of the store"));
}
