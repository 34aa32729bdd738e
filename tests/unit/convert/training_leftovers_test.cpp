#include "convert/training_leftovers.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint_fixture.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

constexpr std::string_view kKernel = "bert/encoder/layer_0/output/dense/kernel";

/// Why a tensor of this name and shape is left out beside a small graph and a small module.
std::string reason(const std::string& name, const Shape& shape, bool chosen = false,
                   ElementType type = ElementType::kFloat32) {
  const WeightSource source = CheckpointFixture()
                                  .add(std::string(kKernel), {3, 4})
                                  .add("output_bias", {6})
                                  .add("bert.pooler.dense.weight", {4, 4})
                                  .add("classifier.bias", {6})
                                  .source();
  const std::vector<ParameterSpec> parameters{{"bert.pooler.dense.weight", {4, 4}},
                                              {"classifier.bias", {6}}};
  const StoredTensor tensor{name, type, shape, {}, "checkpoint"};
  return std::string(TrainingLeftovers(source, parameters, chosen).reason(tensor));
}

std::string beside_kernel(const std::string& suffix, const Shape& shape = {3, 4}) {
  return reason(std::string(kKernel) + suffix, shape);
}

}  // namespace

TEST_CASE("training_leftovers: states of any optimizer are known by the variable's name",
          "[convert]") {
  for (const char* suffix : {"/adam_m", "/adam_v", "/Adam", "/Adam_1", "/Momentum", "/Adagrad",
                             "/RMSProp", "/Ftrl_1", "/lamb_m", "/AnyOptimizer", "/optimizer/m"}) {
    CHECK(beside_kernel(suffix) == "optimizer state");
  }
  // Numbers for a variable, and the factors of Adafactor.
  CHECK(beside_kernel("/step", {}) == "optimizer state");
  CHECK(beside_kernel("/vr", {3}) == "optimizer state");
  CHECK(beside_kernel("/vc", {4}) == "optimizer state");
  CHECK(reason("loss/" + std::string(kKernel) + "/m", {3, 4}) == "optimizer state");
  CHECK(reason("training/Adam/" + std::string(kKernel) + "/v", {3, 4}) == "optimizer state");
  CHECK(reason("output_bias/adam_m", {6}) == "optimizer state");
  // Of another shape it is nobody's.
  CHECK(beside_kernel("/extra", {5, 4}).empty());
  CHECK(reason("output_bias_extra", {6}).empty());
}

TEST_CASE("training_leftovers: moving averages are known by the variable's name, or by their own",
          "[convert]") {
  CHECK(beside_kernel("/ExponentialMovingAverage") == "moving average of the weights");
  CHECK(reason("ema/" + std::string(kKernel), {3, 4}) == "moving average of the weights");
  CHECK(reason("ema.bert.pooler.dense.weight", {4, 4}) == "moving average of the weights");
  CHECK(reason("model_ema.bertpoolerdenseweight", {4, 4}) == "moving average of the weights");
  CHECK(reason("thematic.weight", {4, 4}).empty());
}

TEST_CASE("training_leftovers: counters, rates and scales of graphs", "[convert]") {
  CHECK(reason("loss/global_step", {}) == "counter of training steps");
  CHECK(reason("global_step", {}, false, ElementType::kInt64) == "counter of training steps");
  CHECK(reason("beta1_power", {}) == "optimizer state");
  CHECK(reason("current_loss_scale", {}) == "a number of the training");
  CHECK(reason("good_steps", {}, false, ElementType::kInt32) ==
        "whole numbers, which no layer has");
  CHECK(reason("n_averaged", {}, false, ElementType::kInt64) ==
        "whole numbers, which no layer has");
  CHECK(reason("train_f1.tp", {6}, false, ElementType::kInt64) ==
        "whole numbers, which no layer has");
  // A module may learn a temperature.
  CHECK(reason("model.temperature", {}).empty());
}

TEST_CASE("training_leftovers: weights of the loss", "[convert]") {
  for (const char* name : {"loss_fct.pos_weight", "criterion.weight", "model.loss.weight",
                           "bce.pos_weight", "class_weights"}) {
    INFO(name);
    CHECK(reason(name, {6}) == "weights of the loss");
  }
  CHECK(reason("glossary.weight", {6}).empty());
  CHECK(reason("criterion.projection.weight", {6, 4}).empty());  // a layer that was learned
}

TEST_CASE("training_leftovers: another encoder is left out where one was chosen", "[convert]") {
  const std::string name = "teacher.bert.pooler.dense.weight";
  CHECK(reason(name, {4, 4}).empty());
  CHECK(reason(name, {4, 4}, true) == "of another encoder");
  CHECK(reason("teacher.classifier.bias", {6}, true) == "of another encoder");
  CHECK(reason("teacher.classifier.bias", {7}, true).empty());
  CHECK(reason("student.fc.bias", {6}, true).empty());
}

TEST_CASE("training_leftovers: a parameter of a module that is named after another is none",
          "[convert]") {
  CHECK(reason("bert.pooler.dense.weight.scale", {4}).empty());
  CHECK(reason("bert.pooler.dense.weight.lora_A", {4, 4}).empty());
}

TEST_CASE("training_leftovers: names of hostile length take no time", "[convert]") {
  std::string name;
  for (int i = 0; i < 100000; ++i) name += "a/";
  CHECK(reason(name, {2}).empty());
}
