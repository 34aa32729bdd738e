#include "runtime/memory_budget.hpp"

#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("memory budget: a half for texts, a quarter for answers, what is left for batches",
          "[runtime][memory]") {
  const MemoryBudget budget(1000);
  CHECK(budget.is_limited());
  CHECK(budget.for_texts() == 500);
  CHECK(budget.for_tokenizing() == 500);
  CHECK(budget.sequences_of_round(50) == 5);
  CHECK(budget.sequences_of_round(1) == 250);
  CHECK(budget.for_batches(400) == 600);
}

TEST_CASE("memory budget: one sequence at a time is the least, and nothing left is zero",
          "[runtime][memory]") {
  CHECK(MemoryBudget(1).sequences_of_round(1 << 20) == 1);
  CHECK(MemoryBudget(100).for_batches(101) == 0);
}

TEST_CASE("memory budget: without a limit rounds have an upper bound all the same",
          "[runtime][memory]") {
  const MemoryBudget budget(0);
  CHECK_FALSE(budget.is_limited());
  CHECK(budget.for_texts() == std::size_t{1} << 29);
  CHECK(budget.sequences_of_round(1) == 8192);
  CHECK(MemoryBudget(std::size_t{1} << 40).sequences_of_round(1) == 8192);
}

TEST_CASE("memory budget: what is enough leaves every share as large as it was needed",
          "[runtime][memory]") {
  CHECK(MemoryBudget::enough(100, 30, true) == 130);
  // Several sequences: the held half and the batches' quarter both have to fit.
  const MemoryBudget enough(MemoryBudget::enough(100, 80, false));
  CHECK(enough.for_texts() >= 100);
  CHECK(enough.bytes() / 4 >= 80);
}
