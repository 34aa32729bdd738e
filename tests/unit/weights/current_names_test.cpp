#include "weights/current_names.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

TEST_CASE("current names: a layer norm's gamma and beta are its weight and bias",
          "[weights][names]") {
  CHECK(current_name("bert.embeddings.LayerNorm.gamma") == "bert.embeddings.LayerNorm.weight");
  CHECK(current_name("LayerNorm.beta") == "LayerNorm.bias");
  CHECK(current_name("bert.embeddings.LayerNorm.weight") == "bert.embeddings.LayerNorm.weight");
  CHECK(current_name("layer.gamma") == "layer.gamma");
}

TEST_CASE("current names: the tensors keep their values", "[weights][names]") {
  const std::vector<ParameterSpec> old{{"a.LayerNorm.gamma", {2}}, {"a.LayerNorm.beta", {2}}};
  const WeightSource renamed = with_current_names(test::random_weights(old));
  const WeightSource before = test::random_weights(old);
  CHECK(renamed.find("a.LayerNorm.gamma") == nullptr);
  CHECK(std::ranges::equal(renamed.read("a.LayerNorm.weight", {2}).span(),
                           before.read("a.LayerNorm.gamma", {2}).span()));
}

TEST_CASE("current names: an old and a current name of one tensor are refused",
          "[weights][names]") {
  const std::vector<ParameterSpec> both{{"LayerNorm.gamma", {2}}, {"LayerNorm.weight", {2}}};
  CHECK_THROWS_AS(with_current_names(test::random_weights(both)), FormatError);
}
