#include "polytag/evaluation/score_changes.hpp"

#include <cmath>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("score_changes: the largest, the mean and the root mean square of differences",
          "[evaluation]") {
  ScoreChanges changes;
  CHECK(changes.largest() == 0);
  CHECK(changes.mean() == 0);
  CHECK(changes.root_mean_square() == 0);
  changes.add(std::vector<float>{0.5F, 0.25F}, std::vector<float>{0.25F, 0.25F});
  changes.add(std::vector<float>{0.0F, 1.0F}, std::vector<float>{0.5F, 0.75F});
  CHECK(changes.scores() == 4);
  CHECK(changes.largest() == 0.5);
  CHECK(changes.mean() == 0.25);
  CHECK(changes.root_mean_square() == std::sqrt((0.0625 + 0.25 + 0.0625) / 4));
}

TEST_CASE("score_changes: scores of another number of labels are refused", "[evaluation]") {
  ScoreChanges changes;
  CHECK_THROWS_AS(changes.add(std::vector<float>{1.0F}, {}), ArgumentError);
  CHECK(changes.scores() == 0);
}
