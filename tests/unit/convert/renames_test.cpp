#include "convert/names/renames.hpp"

#include <string>
#include <vector>

#include "checkpoint_fixture.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

std::vector<std::string> names_under(const std::vector<TensorRename>& renames) {
  const WeightSource source = CheckpointFixture()
                                  .add("fc.weight", {1})
                                  .add("fc.bias", {1})
                                  .add("fc2.weight", {1})
                                  .add("bert.layer.0.x", {1})
                                  .add("tower/bert/kernel", {1})
                                  .source();
  const WeightSource renamed = rename_tensors(source, renames);
  std::vector<std::string> names;
  for (const StoredTensor& tensor : renamed.tensors()) names.push_back(tensor.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("renames: a pattern is the beginning of a name up to a separator", "[convert]") {
  const Names same{"fc.weight", "fc.bias", "fc2.weight", "bert.layer.0.x", "tower/bert/kernel"};
  CHECK(names_under({}) == same);
  CHECK(names_under({{"fc", "classifier"}}) == Names{"classifier.weight", "classifier.bias",
                                                     "fc2.weight", "bert.layer.0.x",
                                                     "tower/bert/kernel"});
  CHECK(names_under({{"fc.bias", "b"}})[1] == "b");
  CHECK(names_under({{"tower/bert", "bert"}})[4] == "bert/kernel");
  CHECK(names_under({{"tower/", ""}})[4] == "bert/kernel");
  CHECK(names_under({{"fc.", ""}})[0] == "weight");
}

TEST_CASE("renames: a star stands for any text, which the name may use", "[convert]") {
  CHECK(names_under({{"fc*.weight", "dense*.kernel"}}) ==
        Names{"dense.kernel", "fc.bias", "dense2.kernel", "bert.layer.0.x", "tower/bert/kernel"});
  CHECK(names_under({{"bert.layer.*", "encoder.*"}})[3] == "encoder.0.x");
  CHECK(names_under({{"*.layer", "*"}})[3] == "bert.0.x");
  CHECK(names_under({{"fc*", "head*"}, {"*", "x.*"}})[3] == "x.bert.layer.0.x");
}

TEST_CASE("renames: of several that match the first counts", "[convert]") {
  CHECK(names_under({{"fc.bias", "b"}, {"fc", "classifier"}}) ==
        Names{"classifier.weight", "b", "fc2.weight", "bert.layer.0.x", "tower/bert/kernel"});
}

TEST_CASE("renames: what matches nothing, or is no pattern, is refused", "[convert]") {
  CHECK_THROWS_WITH(names_under({{"fx", "classifier"}}),
                    "ConvertOptions::renames: expected a pattern that matches a tensor of "
                    "checkpoint, found fx=classifier, which matches none that is left");
  CHECK_THROWS_AS(names_under({{"fc", "a"}, {"fc", "b"}}), ArgumentError);
  CHECK_THROWS_AS(names_under({{"f", "classifier"}}), ArgumentError);  // not up to a separator
  for (const TensorRename& rename : {TensorRename{"", "a"}, TensorRename{"a*b*", "c"},
                                     TensorRename{"fc", "*"}, TensorRename{"*", "**"}}) {
    CHECK_THROWS_WITH(names_under({rename}), ContainsSubstring("at most one '*' each"));
  }
  CHECK_THROWS_AS(names_under({{"fc", "fc2"}}), FormatError);  // fc2.weight twice
}
