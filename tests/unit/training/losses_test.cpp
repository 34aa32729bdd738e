// Values and gradients of PyTorch in float64 for 8 texts and 9 labels, some logits ±1e4.
#include "polytag/training/losses.hpp"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "support/golden.hpp"

namespace polytag::training {

namespace {

static_assert(TextLoss<BinaryCrossEntropy> && TextLoss<SequenceCrossEntropy>);

struct Losses {
  Losses() : source(open_safetensors(*test::find_golden("training/units/losses.safetensors"))) {}

  Tensor tensor(const std::string& name) const { return test::read_golden_tensor(source, name); }

  void holds(const std::string& name, const auto& loss, const std::string& targets = "targets",
             const std::string& logits_of = "logits") const {
    INFO(name);
    const auto values = test::read_golden_json(*test::find_golden("training/units/losses.json"));
    const Tensor logits = tensor(logits_of);
    const Tensor labels = tensor(targets);
    const Tensor expected = tensor("gradient/" + name);
    const auto x = logits.matrix();
    std::vector<float> gradient(logits.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Target target{labels.matrix().row(i), {}};
      sum += loss(x.row(i), target, std::span(gradient).subspan(i * x.columns, x.columns));
    }
    const auto texts = static_cast<double>(x.rows);
    const double value = values[name].get<double>();
    CHECK(std::abs(sum / texts - value) <= 1e-7 * std::abs(value));  // float32 logits
    for (float& slope : gradient) slope /= static_cast<float>(texts);
    CHECK(test::distance(gradient, expected.span(), 1e-7, 2e-7).worst <= 1);
  }

  WeightSource source;
};

Tensor as_float(const WeightSource& source, const std::string& name) {
  const StoredTensor& stored = *source.find(name);
  REQUIRE(stored.type == ElementType::kInt32);
  Tensor tensor(stored.shape);
  const auto bytes = stored.bytes.read();
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    std::int32_t value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    tensor.span()[i] = static_cast<float>(value);
  }
  return tensor;
}

}  // namespace

TEST_CASE("Losses and their gradients are PyTorch's, for logits of ten thousand, too") {
  const Losses golden;
  const Tensor weights = golden.tensor("positive_weight");
  golden.holds("bce_sum", BinaryCrossEntropy{});
  golden.holds("bce_mean",
               BinaryCrossEntropy{.mean = true, .label_smoothing = 0, .positive_weights = {}});
  golden.holds(
      "bce_positive_weight",
      BinaryCrossEntropy{.mean = false,
                         .label_smoothing = 0,
                         .positive_weights = {weights.span().begin(), weights.span().end()}});
  golden.holds("bce_smoothed_0.1",
               BinaryCrossEntropy{.mean = false, .label_smoothing = 0.1F, .positive_weights = {}});
  golden.holds("bce_soft_targets", BinaryCrossEntropy{}, "soft_targets");
  golden.holds("focal_2", FocalLoss{});
  golden.holds("focal_2_alpha_0.25", FocalLoss{.focus = 2, .alpha = 0.25F});
  golden.holds("asl_0_4_0.05",
               AsymmetricLoss{.positive_focus = 0, .negative_focus = 4, .clip = 0.05F});
  golden.holds("asl_1_4_0.05",
               AsymmetricLoss{.positive_focus = 1, .negative_focus = 4, .clip = 0.05F});
  golden.holds("asl_0_2_0", AsymmetricLoss{});
  golden.holds("zlpr", ZlprLoss{});
}

TEST_CASE("A softmax for each label is the mean of PyTorch's cross-entropies of two classes") {
  const Losses golden;
  const Tensor logits = golden.tensor("binary/logits");
  const Tensor targets = as_float(golden.source, "binary/targets");
  const Tensor expected = golden.tensor("gradient/binary");
  std::vector<float> gradient(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    sum += SoftmaxPairsLoss{}(logits.span().subspan(10 * i, 10), {targets.matrix().row(i), {}},
                              std::span(gradient).subspan(10 * i, 10));
  }
  for (float& slope : gradient) slope /= 4;
  CHECK(std::abs(sum / 4 - 2.865769867861138) <= 1e-6);
  CHECK(test::distance(gradient, expected.span(), 1e-7, 1e-6).worst <= 1);
}

TEST_CASE("A sequence's loss leaves out the steps behind its end") {
  const Losses golden;
  const Tensor logits = golden.tensor("sequence/logits");
  const Tensor targets = as_float(golden.source, "sequence/targets");
  const Tensor expected = golden.tensor("gradient/sequence");
  const SequenceCrossEntropy loss;
  std::vector<float> gradient(logits.size());
  double sum = 0, units = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto row = targets.matrix().row(i);
    const std::vector<std::size_t> sequence(row.begin(), row.end());
    const Target target{{}, sequence};
    sum += loss(logits.span().subspan(24 * i, 24), target, std::span(gradient).subspan(24 * i, 24));
    units += loss.units(target);
  }
  CHECK(units == 9);
  CHECK(std::abs(sum / (units + 1e-7) - 6.025356940716687) <= 1e-6);  // as the replaced system's
  for (float& slope : gradient) slope /= static_cast<float>(units);
  CHECK(test::distance(gradient, expected.span(), 1e-7, 1e-6).worst <= 1);
}

TEST_CASE("A loss for another number of labels than there are logits is refused") {
  std::vector<float> gradient(3);
  const std::vector<float> logits(3), labels(2);
  CHECK_THROWS_WITH(BinaryCrossEntropy{}(logits, {labels, {}}, gradient),
                    "target labels: expected 3, found 2");
  CHECK_THROWS_WITH(make_loss("hinge"), ContainsSubstring("asymmetric"));
}

}  // namespace polytag::training
