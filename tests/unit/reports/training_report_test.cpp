#include "reports/training_report.hpp"

#include <cstring>

#include "files/crc32.hpp"
#include "support/catch.hpp"

namespace polytag {

namespace {

TrainingReport small_report(double model_f1, double linear_f1) {
  TrainingReport report{.model = "out/<model>",
                        .summary = {},
                        .tuned = {},
                        .baseline = BaselineReport{},
                        .evaluation = {},
                        .settings = {{"learning_rate", "0.0002"}}};
  training::StepReport step;
  step.step = 10;
  step.epoch = 0.5;
  step.loss = 2.5;
  step.gradient_norm = 1.25;
  step.learning_rate = 0.0001;
  report.summary.steps_taken = {step};
  training::DevelopmentReport found;
  found.step = 20;
  found.epoch = 1;
  found.loss = 2;
  found.f1_micro = model_f1;
  found.is_best = true;
  report.summary.evaluations = {found};
  report.summary.best = found;
  report.summary.steps = 20;
  report.summary.best_step = 20;
  report.baseline->at_half.f1_micro = linear_f1;
  return report;
}

}  // namespace

TEST_CASE("A training report says whether the linear model is better") {
  CHECK_THAT(report_as_text(small_report(0.896, 0.888)),
             ContainsSubstring("the encoder is worth 0.8 points of micro-F1 at 0.5"));
  CHECK_THAT(report_as_text(small_report(0.5, 0.625)),
             ContainsSubstring("the linear model is better by 12.5 points"));
}

TEST_CASE("A training's page has its curves and settings, and escapes names") {
  const std::string page = report_as_html(small_report(0.9, 0.8));
  CHECK_THAT(page, ContainsSubstring("Training of out/&lt;model&gt;"));
  CHECK_THAT(page, ContainsSubstring("learning_rate"));
  CHECK_THAT(page, ContainsSubstring("<svg"));
  CHECK(page.find("<script") == std::string::npos);
}

TEST_CASE("A training's table has a row for each step that was logged and each evaluation") {
  CHECK(training_csv(small_report(0.75, 0).summary) ==
        "step,epoch,loss,grad_norm,learning_rate,eval_loss,eval_f1_micro,eval_f1_macro,"
        "eval_f1_samples,eval_subset_accuracy\n"
        "10,0.5,2.5,1.25,0.0001,,,,,\n"
        "20,1,,,,2,0.75,0,0,0\n");
}

TEST_CASE("Event files are TFRecords with checksums") {
  const std::string events = training_events(small_report(0.75, 0).summary, 1.5);
  std::size_t records = 0;
  for (std::size_t at = 0; at < events.size(); ++records) {
    std::uint64_t size = 0;
    std::uint32_t found = 0;
    std::memcpy(&size, events.data() + at, sizeof size);
    std::memcpy(&found, events.data() + at + 8, sizeof found);
    const auto crc = [&](std::size_t begin, std::size_t count) {
      return masked_crc(crc32c(std::as_bytes(std::span(events).subspan(begin, count))));
    };
    CHECK(found == crc(at, 8));
    REQUIRE(size < events.size());
    std::memcpy(&found, events.data() + at + 12 + size, sizeof found);
    CHECK(found == crc(at + 12, size));
    at += 16 + size;
  }
  CHECK(records == 10);  // the version, four figures of a step, five of an evaluation
  CHECK(events.find("train/loss") != std::string::npos);
}

}  // namespace polytag
