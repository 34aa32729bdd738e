#include "cli/progress.hpp"

#include "support/catch.hpp"

namespace polytag::cli {

TEST_CASE("progress: rows, share, rate and the time that is left", "[cli][progress]") {
  CHECK(progress_line({12'300, 450, 1000, 10}) == "12,300 texts, 45 %, 1,230/s, 0:12 left");
  CHECK(progress_line({5, 1, 1000, 10}) == "5 texts, 0 %, 0.5/s, 2:46:30 left");
}

TEST_CASE("progress: no share and no end where the size is not known", "[cli][progress]") {
  CHECK(progress_line({1'234'567, 99, std::nullopt, 2}) == "1,234,567 texts, 617,283/s");
}

TEST_CASE("progress: nothing is divided by zero", "[cli][progress]") {
  CHECK(progress_line({0, 0, 0, 0}) == "0 texts");
  CHECK(progress_line({0, 0, 100, 1}) == "0 texts, 0 %");
  CHECK(progress_line({3, 0, 100, 1}) == "3 texts, 0 %, 3.0/s");
  CHECK(progress_line({3, 1, 100, 0}) == "3 texts, 1 %");
}

TEST_CASE("progress: a file that grew is done, not more than done", "[cli][progress]") {
  CHECK(progress_line({100, 200, 100, 1}) == "100 texts, 100 %, 100/s, 0:00 left");
}

TEST_CASE("progress: what another run has done took this one no time", "[cli][progress]") {
  CHECK(progress_line({12'000, 600, 1000, 10, 10'000, 500}) ==
        "12,000 texts, 60 %, 200/s, 0:40 left");
  CHECK(progress_line({10'000, 500, 1000, 1, 10'000, 500}) == "10,000 texts, 50 %");
}

}  // namespace polytag::cli
