#include "reports/quantization_report.hpp"

#include <vector>

#include "files/json.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag;

namespace {

using Indices = std::vector<std::size_t>;

/// Two labels on four texts; in fewer bits, the second label is missed once more.
QuantizationSummary small_summary() {
  PrecisionComparison compared(2);
  for (int text = 0; text < 3; ++text) {
    compared.before.add(Indices{0, 1}, Indices{0, 1});
    compared.after.add(Indices{0, 1}, text == 0 ? Indices{0} : Indices{0, 1});
  }
  compared.before.add(Indices{0}, Indices{0});
  compared.after.add(Indices{0}, Indices{0});
  compared.scores.add(std::vector<float>{0.75F, 0.5F}, std::vector<float>{0.75F, 0.25F});
  compared.changed_texts = 1;
  return {.model = "model",
          .output = "small",
          .precision = Precision::kInt8,
          .budget = 0.5,
          .weights = {.quantized_tensors = 3,
                      .kept_tensors = 2,
                      .bytes_before = 4000,
                      .bytes_after = 1100,
                      .written = false},
          .comparison = std::move(compared)};
}

}  // namespace

TEST_CASE("quantization report: the loss is that of the average that lost more",
          "[reports][quantize]") {
  const QuantizationSummary summary = small_summary();
  // micro: 1 to 12/13; macro: 1 to (1 + 4/5) / 2
  CHECK(summary.comparison->loss() == Approx(10.0));
  PrecisionComparison better(1);
  better.before.add(Indices{0}, Indices{});
  better.after.add(Indices{0}, Indices{0});
  CHECK(better.loss() == 0);
}

TEST_CASE("quantization report: a refusal names loss and budget", "[reports][quantize]") {
  const std::string text = report_as_text(small_summary());
  CHECK_THAT(text, ContainsSubstring("weights: 4.0 kB -> 1.1 kB, 28 %; 3 tensors in int8, 2 as "
                                     "they were\n"));
  CHECK_THAT(text, ContainsSubstring("micro-F1              100.00     92.31     -7.69 points\n"));
  CHECK_THAT(text, ContainsSubstring("macro-F1              100.00     90.00    -10.00 points\n"));
  CHECK_THAT(text, ContainsSubstring("scores: off by 0.2500 at most, 0.12500 on average"));
  CHECK_THAT(text, ContainsSubstring("labels: other ones for 1 of 4 texts\n"));
  CHECK_THAT(text, ContainsSubstring(
                       "Not written: 10.00 points of F1 are lost, and the budget is 0.50.\n"));
}

TEST_CASE("quantization report: JSON has every figure", "[reports][quantize]") {
  QuantizationSummary summary = small_summary();
  const Json json = parse_json(report_as_json(summary), "report");
  CHECK(json["written"] == false);
  CHECK(json["precision"] == "int8");
  CHECK(json["weights"]["bytes_after"] == 1100);
  CHECK(json["evaluation"]["texts"] == 4);
  CHECK(json["evaluation"]["micro_f1"]["after"].get<double>() == Approx(12.0 / 13));
  CHECK(json["evaluation"]["loss_points"].get<double>() == Approx(10.0));
  CHECK(json["evaluation"]["changed_texts"] == 1);
  summary.comparison.reset();
  const JsonDocument unmeasured = parse_json(report_as_json(summary), "report");
  CHECK((*unmeasured)["evaluation"].is_null());
}
