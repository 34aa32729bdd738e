#include "polytag/core/instruction_set.hpp"

#include <algorithm>
#include <array>

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
  CHECK(parse_instruction_set("avx_vnni") == InstructionSet::kAvxVnni);
}

TEST_CASE("instruction sets: a level that this CPU lacks is refused with those that it has",
          "[core][isa]") {
  constexpr std::array kAll{InstructionSet::kBaseline,   InstructionSet::kAvx2,
                            InstructionSet::kAvxVnni,    InstructionSet::kAvx512,
                            InstructionSet::kAvx512Bf16, InstructionSet::kAmx};
  for (const InstructionSet level : kAll) {
    INFO(to_string(level));
    if (std::ranges::count(supported_instruction_sets(), level) != 0) {
      CHECK_NOTHROW(require_supported(level, "level"));
    } else {
      CHECK_THROWS_WITH(require_supported(level, "level"), ContainsSubstring("baseline"));
    }
  }
}

TEST_CASE("precision: names round-trip", "[core]") {
  for (const char* name : {"float32", "bfloat16", "int8", "auto"}) {
    CHECK(to_string(parse_precision(name)) == name);
  }
  CHECK_THROWS_AS(parse_precision("fp8"), ArgumentError);
}
