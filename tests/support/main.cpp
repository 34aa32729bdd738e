#include "support/skip.hpp"

#ifdef POLYTAG_CATCH2_V3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) {
  // Catch's own status counts failures, and four of them are no skipped program.
  if (Catch::Session().run(argc, argv) != 0) return 1;
  return polytag::test::reasons_to_skip.empty() ? 0 : polytag::test::kSkipped;
}
