#include "reports/evaluation_report.hpp"

#include <random>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

namespace polytag {

namespace {

using Indices = std::vector<std::size_t>;

// Three labels; label 2 is in no text.
EvaluationReport small_report(const std::string& first_label = "grain") {
  EvaluationSums sums(3);
  const auto add = [&](const Indices& truth, const Indices& chosen,
                       const std::vector<float>& scores) {
    sums.counts.add(truth, chosen);
    sums.ranking.add(truth, scores);
    sums.curves.add(truth, scores);
  };
  add({1}, {1}, {0.1F, 0.9F, 0.2F});
  add({0, 1}, {1}, {0.4F, 0.8F, 0.1F});
  add({}, {0}, {0.7F, 0.3F, 0.1F});
  sums.truncated_texts = 1;
  DecisionPolicy policy;
  policy.label_thresholds = {0.5F, 0.25F, 0.75F};
  return make_report("models/news", {first_label, "gold", "外观"}, policy, sums);
}

EvaluationReport large_report(std::size_t labels) {
  std::mt19937 random(1);
  EvaluationSums sums(labels);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < labels; ++i) names.push_back("label " + std::to_string(i));
  for (int text = 0; text < 200; ++text) {
    Indices truth;
    std::vector<float> scores;
    for (std::size_t label = 0; label < labels; ++label) {
      if (random() % 10 == 0) truth.push_back(label);
      scores.push_back(static_cast<float>(random() % 1000) / 1000.0F);
    }
    sums.counts.add(truth, truth);
    sums.ranking.add(truth, scores);
    sums.curves.add(truth, scores);
  }
  return make_report("model", names, {}, sums);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("evaluation report: labels come most frequent first, with their thresholds",
          "[reports][evaluate]") {
  const EvaluationReport report = small_report();
  REQUIRE(report.labels.size() == 3);
  CHECK(report.labels[0].name == "gold");
  CHECK(report.labels[0].threshold == 0.25F);
  CHECK(report.labels[1].name == "grain");
  CHECK_FALSE(report.labels[2].average_precision.has_value());
  CHECK(report.frequent.size() == 2);
  CHECK_THROWS_AS(make_report("m", {"a"}, {}, EvaluationSums(1)), ArgumentError);
}

TEST_CASE("evaluation report: the text has averages, measures and a row per label",
          "[reports][evaluate]") {
  const std::string text = report_as_text(small_report());
  CHECK_THAT(text, ContainsSubstring("models/news: 3 texts, 3 labels, 2 of them in the texts"));
  CHECK_THAT(text, ContainsSubstring("cut, for being longer than the model: 1"));
  CHECK_THAT(text, ContainsSubstring("micro                 0.6667    0.6667    0.6667"));
  CHECK_THAT(text, ContainsSubstring("Hamming loss                              0.2222"));
  CHECK_THAT(text, ContainsSubstring("grain        1       0       1       1"));
  CHECK_THAT(text, ContainsSubstring("外观         0"));
}

TEST_CASE("evaluation report: JSON holds the same figures in full", "[reports][evaluate]") {
  const EvaluationReport report = small_report("a \"quoted\"\n\xFF name");
  const Json json = parse_json(report_as_json(report), "report");
  CHECK(json["texts"] == 3);
  CHECK(json["micro"]["f1"].get<double>() == report.counts.micro().f1);
  CHECK(json["samples"]["recall"].get<double>() == report.counts.per_sample().recall);
  CHECK(json["union_normalised"]["true_positives"].get<double>() == 1.5);
  CHECK(json["ranking_loss"].get<double>() == report.ranking.ranking_loss);
  CHECK(json["labels"][0]["true_positives"] == 2);
  CHECK(json["labels"][1]["name"] == "a \"quoted\"\n\xEF\xBF\xBD name");
  CHECK(json["labels"][2]["average_precision"].is_null());
}

TEST_CASE("evaluation page: hostile label names stay text", "[reports][evaluate][html]") {
  const std::string page = report_as_html(small_report("<script>alert(1)</script>\" onload=\"x"));
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("\" onload=") == std::string::npos);
  CHECK_THAT(page, ContainsSubstring("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"));
}

TEST_CASE("evaluation page: needs nothing from elsewhere", "[reports][evaluate][html]") {
  const std::string page = report_as_html(small_report());
  for (const char* part : {"http:", "https:", "src=", "href=", "@import", "url(", "<link"}) {
    INFO(part);
    CHECK(page.find(part) == std::string::npos);
  }
  CHECK_THAT(page, ContainsSubstring("default-src 'none'"));
  CHECK_THAT(page, ContainsSubstring("prefers-color-scheme: dark"));
}

TEST_CASE("evaluation page: one label and a thousand", "[reports][evaluate][html]") {
  for (const std::size_t labels : {1U, 2U, 40U, 41U, 1000U}) {
    INFO(labels << " labels");
    const std::string page = report_as_html(large_report(labels));
    const std::size_t table = page.find("<div class=\"all\">");
    REQUIRE(table != std::string::npos);
    CHECK(count(page.substr(table), "<tr>") == labels + 1);
    CHECK(count(page, "class=\"bar\"") == (labels > 40 ? 30 : labels));
    CHECK(count(page, "<svg") == count(page, "</svg>"));
    CHECK(page.size() < 40000 + 1000 * labels + 120000);
    CHECK(page.find("nan") == std::string::npos);
  }
}

TEST_CASE("evaluation page: texts without any label leave no chart broken",
          "[reports][evaluate][html]") {
  EvaluationSums sums(2);
  sums.counts.add({}, {});
  sums.ranking.add({}, std::vector<float>{0.0F, 1.0F});
  sums.curves.add({}, std::vector<float>{0.0F, 1.0F});
  const std::string page = report_as_html(make_report("m", {"a", "b"}, {}, sums));
  CHECK(page.find("nan") == std::string::npos);
  CHECK(page.find("inf") == std::string::npos);
}

}  // namespace polytag
