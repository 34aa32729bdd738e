#include "polytag/nn/packed_sequences.hpp"

#include <map>
#include <vector>

#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("packed sequences: steps are matrices, the longest sequence first",
          "[nn][packed_sequences]") {
  const std::vector<std::size_t> row_starts{0, 2, 5, 5, 6};  // lengths 2, 3, 0, 1
  const PackedSequences packed(row_starts, TimeDirection::kForward);
  CHECK(packed.rows() == 6);
  REQUIRE(packed.steps() == 3);
  CHECK(packed.active(0) == 3);
  CHECK(packed.active(1) == 2);
  CHECK(packed.active(2) == 1);
  CHECK(packed.step_start(2) == 5);
  CHECK(packed.sequence(0) == 1);
  CHECK(packed.sequence(1) == 0);
  CHECK(packed.sequence(2) == 3);
  CHECK(packed.sequence(3) == 2);
  CHECK(packed.ragged_row(1, 0) == 0);
  CHECK(PackedSequences(row_starts, TimeDirection::kBackward).ragged_row(1, 0) == 1);
}

TEST_CASE("packed sequences: every row has one place, whichever the direction",
          "[nn][packed_sequences]") {
  const std::vector<std::size_t> row_starts{3, 7, 8, 8, 20, 24};  // a part of a larger batch
  for (const TimeDirection direction : {TimeDirection::kForward, TimeDirection::kBackward}) {
    const PackedSequences packed(row_starts, direction);
    std::map<std::size_t, std::size_t> ragged_of_packed;
    packed.for_each_row([&](std::size_t to, std::size_t from) { ragged_of_packed[to] = from; });
    CHECK(ragged_of_packed.size() == 21);
    CHECK(ragged_of_packed.begin()->first == 0);
    CHECK(ragged_of_packed.rbegin()->first == 20);
    std::map<std::size_t, std::size_t> seen;
    for (const auto& [to, from] : ragged_of_packed) ++seen[from];
    CHECK(seen.size() == 21);
    CHECK(seen.begin()->first == 3);
    CHECK(seen.rbegin()->first == 23);
  }
}

TEST_CASE("packed sequences: an empty batch has no steps", "[nn][packed_sequences]") {
  const PackedSequences packed(std::vector<std::size_t>{0}, TimeDirection::kForward);
  CHECK(packed.steps() == 0);
  CHECK(packed.rows() == 0);
}
