#include "polytag/training/parameter_store.hpp"

#include <algorithm>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;
using training::ParameterStore;

namespace {

ParameterList small_list() {
  ParameterList list;
  list.root("layer").add("weight", {3, 5}, {.decays = true});
  list.root("layer").add("bias", {3});
  return list;
}

bool equal(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

TEST_CASE("parameter store: begins at stored weights, all else being zero",
          "[training][parameters]") {
  const ParameterList list = small_list();
  const WeightSource weights = test::random_weights(list.specs());
  const ParameterStore store(list, weights);
  for (const ParameterPlace& place : store.layout().places()) {
    CHECK(equal(ParameterStore::of(place, store.weights()),
                weights.read(place.name, place.shape).span()));
  }
  const auto is_zero = [](float x) { return x == 0; };
  CHECK(std::all_of(store.weights().begin() + 15, store.weights().begin() + 16, is_zero));
  for (const auto buffer : {store.gradients(), store.first_moments(), store.second_moments()}) {
    CHECK(buffer.size() == store.layout().size());
    CHECK(std::ranges::all_of(buffer, is_zero));
  }
}

TEST_CASE("parameter store: its source shows the weights of the moment, also once it was moved",
          "[training][parameters]") {
  const ParameterList list = small_list();
  ParameterStore first(list, test::random_weights(list.specs()));
  const WeightSource source = first.source();
  first.weights()[2] = 7;
  const ParameterStore store = std::move(first);
  CHECK(source.read("layer.weight", {3, 5}).span()[2] == 7);
  source.expect(list.specs(), {});
}

TEST_CASE("parameter store: buffers are written and read under a prefix",
          "[training][parameters]") {
  const TemporaryDirectory directory;
  const ParameterList list = small_list();
  const ParameterStore store(list, test::random_weights(list.specs()));
  write_safetensors(directory.path() / "moments.safetensors",
                    store.tensors(store.weights(), "exp_avg."), {});
  store.write_weights(directory.path() / "model.safetensors", {{"format", "pt"}});

  ParameterStore other(list, open_safetensors(directory.path() / "model.safetensors"));
  CHECK(equal(other.weights(), store.weights()));
  const WeightSource moments = open_safetensors(directory.path() / "moments.safetensors");
  CHECK(moments.tensors().front().name == "exp_avg.layer.weight");
  other.read(other.first_moments(), moments, "exp_avg.");
  CHECK(equal(other.first_moments(), store.weights()));
  CHECK_THROWS_AS(other.read(other.first_moments(), moments, "exp_avg_sq."), ShapeError);
}
