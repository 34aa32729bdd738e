#include "reports/tuning_report.hpp"

#include <vector>

#include "files/json.hpp"
#include "support/catch.hpp"

namespace polytag {

namespace {

TuningReport report() {
  TunedThresholds tuned{.shared = 0.25F, .labels = {}, .folds = {}};
  tuned.labels.push_back({0.625F, true, {8, 2, 4}});
  tuned.labels.push_back({0.25F, false, {1, 0, 0}});
  for (const double after : {0.75, 0.5}) {
    tuned.folds.push_back({{0.5, 0.25, 0.5, 0.5, 0.5}, {after, 0.25, 0.5, 0.5, 0.5}});
  }
  return {"models/news", 120, {"gold", "tin"}, {0.5F, 0.5F}, tuned, true};
}

}  // namespace

TEST_CASE("tuning report: the text has the gain with its spread and own thresholds",
          "[reports][tune]") {
  const std::string text = report_as_text(report());
  CHECK_THAT(text, ContainsSubstring("120 texts; 1 of 2 labels have a threshold of their own, the "
                                     "others share 0.2500"));
  CHECK_THAT(text, ContainsSubstring("micro-F1             0.5000   0.6250   +0.1250 ± 0.1768"));
  CHECK_THAT(text, ContainsSubstring("gold        12   0.5000     0.6250     0.8000   0.6667"));
  CHECK(text.find("\ntin") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("in the model's config.json"));
}

TEST_CASE("tuning report: labels that no threshold brings to the floor are counted",
          "[reports][tune]") {
  TuningReport silent = report();
  silent.tuned.labels[0].counts = {0, 0, 12};
  silent.written = false;
  CHECK_THAT(report_as_text(silent), ContainsSubstring("silent now"));
  CHECK_THAT(report_as_text(silent), ContainsSubstring("Nothing was written"));
}

TEST_CASE("tuning report: JSON has every threshold", "[reports][tune]") {
  const Json json = parse_json(report_as_json(report()), "report");
  CHECK(json["written"] == true);
  CHECK(json["threshold"] == 0.25);
  CHECK(json["gain"]["micro_f1"]["after"] == 0.625);
  CHECK(json["labels"][0]["own"] == true);
  CHECK(json["labels"][1]["threshold"] == 0.25);
}

}  // namespace polytag
