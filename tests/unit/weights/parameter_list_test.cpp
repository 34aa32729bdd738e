#include "polytag/weights/parameter_list.hpp"

#include <array>
#include <vector>

#include "polytag/error.hpp"
#include "polytag/weights/weights.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("parameter list: a parameter's name is that of its scopes, joined by dots",
          "[weights][parameters]") {
  ParameterList list;
  const auto layer = list.root("bert") / "encoder.layer" / 3;
  const ParameterId weight = (layer / "dense").add("weight", {2, 3});
  const ParameterId bare = list.root().add("scale", {});
  const ParameterId same = (list.root() / "" / "norm" / "").add("bias", {2});
  CHECK(list[weight].name == "bert.encoder.layer.3.dense.weight");
  CHECK(list[weight].shape == Shape{2, 3});
  CHECK(list[bare].name == "scale");
  CHECK(list[same].name == "norm.bias");
  CHECK(list.specs().size() == 3);
}

TEST_CASE("parameter list: a name is declared once and found again", "[weights][parameters]") {
  ParameterList list;
  const ParameterId id = list.root("a").add("weight", {1});
  CHECK(list.find("a.weight") == id);
  CHECK_FALSE(list.find("a"));
  CHECK_THROWS_WITH(list.root("a").add("weight", {2}),
                    "parameter \"a.weight\": expected one declaration, found another");
  CHECK_THROWS_AS(list.root().add("a.weight", {1}), ArgumentError);
}

TEST_CASE("parameter list: ids outlive a move of the list", "[weights][parameters]") {
  ParameterList first;
  const ParameterId id = first.root().add("weight", {4}, {.decays = true});
  const ParameterList second = std::move(first);
  CHECK(second[id].name == "weight");
  CHECK(second[id].traits.decays);
  CHECK(second[id].traits.initialiser == Initialiser::kZeros);
}

TEST_CASE("weights: values are read by the id of their parameter", "[weights][parameters]") {
  ParameterList list;
  const ParameterId matrix = list.root("layer").add("weight", {1, 2});
  const ParameterId absent = list.root("layer").add("bias", {1});
  const std::array<float, 2> values{1.5F, -2};
  std::vector<StoredTensor> tensors;
  tensors.push_back({"layer.weight",
                     ElementType::kFloat32,
                     {1, 2},
                     StoredBytes(std::as_bytes(std::span(values))),
                     "file"});
  const WeightSource source("here", std::move(tensors));
  const Weights weights(list, source);
  CHECK(weights.read(matrix).span()[1] == -2);
  std::vector<float> out(2);
  weights.read(matrix, out);
  CHECK(out[0] == 1.5F);
  CHECK(weights.stored(matrix).file == "file");
  CHECK_THROWS_WITH(weights.read(absent),
                    "here: tensor \"layer.bias\": expected [1], found nothing");
}
