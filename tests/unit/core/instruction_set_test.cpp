#include "polytag/core/instruction_set.hpp"

#include "polytag/core/execution.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("instruction sets: baseline is always supported and names round-trip", "[core][isa]") {
  CHECK(supported_instruction_sets().front() == InstructionSet::kBaseline);
  for (const InstructionSet level : supported_instruction_sets()) {
    CHECK(parse_instruction_set(to_string(level)) == level);
  }
  CHECK_THROWS_WITH(parse_instruction_set("mmx"), ContainsSubstring("avx512_bf16"));
}

TEST_CASE("precision: names round-trip", "[core]") {
  for (const char* name : {"float32", "bfloat16", "int8", "auto"}) {
    CHECK(to_string(parse_precision(name)) == name);
  }
  CHECK_THROWS_AS(parse_precision("fp8"), ArgumentError);
}
