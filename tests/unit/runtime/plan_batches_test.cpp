#include <algorithm>
#include <numeric>
#include <vector>

#include "polytag/runtime/text_pipeline.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("plan_batches: every sequence once, within the budget, long ones first",
          "[runtime][batches]") {
  const std::vector<std::size_t> lengths{5, 60, 7, 7, 128, 1, 30, 30, 2};
  for (const std::size_t budget : {1U, 32U, 64U, 1000U}) {
    const auto batches = plan_batches(lengths, budget, 1).batches;
    std::vector<std::size_t> seen;
    std::size_t longest = lengths[batches.front().front()];
    for (const auto& batch : batches) {
      std::size_t tokens = 0;
      for (const std::size_t index : batch) {
        tokens += lengths[index];
        CHECK(lengths[index] <= longest);
        longest = lengths[index];
        seen.push_back(index);
      }
      CHECK((tokens <= budget || batch.size() == 1));
    }
    std::ranges::sort(seen);
    std::vector<std::size_t> all(lengths.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    CHECK(seen == all);
  }
  CHECK(plan_batches({}, 10, 2).batches.empty());
}

TEST_CASE("plan_batches: threads get batches of their own once there is work for each",
          "[runtime][batches]") {
  const std::vector<std::size_t> few(4, 16);
  CHECK_FALSE(plan_batches(few, 512, 2).side_by_side);
  CHECK(plan_batches(few, 512, 2).batches.size() == 1);

  const std::vector<std::size_t> many(32, 34);  // 1088 tokens: 3 batches, or 4 on 2 threads
  CHECK_FALSE(plan_batches(many, 512, 1).side_by_side);
  CHECK(plan_batches(many, 512, 1).batches.size() == 3);
  const BatchPlan shared = plan_batches(many, 512, 2);
  CHECK(shared.side_by_side);
  REQUIRE(shared.batches.size() == 4);
  for (const auto& batch : shared.batches) CHECK(batch.size() == 8);

  const std::vector<std::size_t> one{400};
  CHECK_FALSE(plan_batches(one, 512, 2).side_by_side);
}
