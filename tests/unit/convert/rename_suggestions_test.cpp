#include "convert/rename_suggestions.hpp"

#include <string>

#include "checkpoint_fixture.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

std::string suggestion(const CheckpointFixture& fixture, std::size_t labels = 6) {
  const WeightSource source = fixture.source();
  return suggest_renames(source.tensors(), {.hidden = 32, .labels = labels});
}

}  // namespace

TEST_CASE("rename_suggestions: a layer from the hidden size looks like a classifier", "[convert]") {
  CHECK(suggestion(CheckpointFixture().add("model.fc.bias", {6}).add("model.fc.weight", {6, 32})) ==
        "tensors \"model.fc.weight\" [6, 32] and \"model.fc.bias\" [6] look like a classifier of 6 "
        "labels: ConvertOptions::renames model.fc=classifier");
  CHECK(suggestion(CheckpointFixture().add("out.weight", {9, 32}).add("out.bias", {6})) ==
        "tensor \"out.weight\" [9, 32] looks like a classifier of 9 labels: "
        "ConvertOptions::renames out=classifier");
  CHECK_THAT(suggestion(CheckpointFixture().add("top/kernel", {32, 6}).add("top/bias", {6})),
             ContainsSubstring("ConvertOptions::renames top=classifier"));
}

TEST_CASE("rename_suggestions: of several layers the one for all labels is meant", "[convert]") {
  CHECK_THAT(suggestion(CheckpointFixture()
                            .add("dense.weight", {32, 32})
                            .add("aspect.weight", {3, 32})
                            .add("fc.weight", {6, 32})),
             ContainsSubstring("renames fc=classifier"));
}

TEST_CASE("rename_suggestions: other tensors look like nothing", "[convert]") {
  CHECK(suggestion(CheckpointFixture()
                       .add("dense.weight", {32, 32})
                       .add("fc.weight", {6, 64})
                       .add("fc.scale", {6, 32})
                       .add("conv.weight", {6, 32, 3})
                       .add("norm.weight", {32}))
            .empty());
  CHECK(suggestion(CheckpointFixture()).empty());
}
