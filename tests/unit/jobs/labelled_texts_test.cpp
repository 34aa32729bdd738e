#include "jobs/labelled_texts.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "cli/progress.hpp"
#include "polytag/core/executor.hpp"
#include "reports/left_out.hpp"
#include "support/catch.hpp"
#include "support/fake_classifier.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

struct Labelled {
  TemporaryDirectory directory;
  std::stop_source stop;
  InputFile file;
  LabelOptions options;
  ThreadPool threads{1};
  LeftOut left_out;

  explicit Labelled(const std::string& lines)
      : file{directory.write("labelled.jsonl", lines), {.format = InputFormat::kJsonl}} {}

  std::vector<LabelledScores> score(const MultiLabelClassifier& classifier) {
    const MeasuredLabels labels(classifier);
    LabelledRows rows(file, options, classifier.labels(), stop.get_token());
    cli::Progress progress(false, std::nullopt);
    LabelledTexts texts(labels, rows, progress, stop.get_token());
    ClassifyOptions classify;
    classify.executor = &threads;
    std::vector<LabelledScores> all;
    while (texts.next())
      std::ranges::move(texts.scored_by(classifier, classify), std::back_inserter(all));
    left_out = {texts.left_out(), rows.unknown_labels()};
    return all;
  }
};

using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("labelled_texts: truth, scores and truncation of each row, in order", "[jobs][labels]") {
  Labelled labelled(R"({"text": "3~z", "labels": ["two", "zero"]})"
                    "\n"
                    R"({"text": "abcd", "labels": []})");
  const auto texts = labelled.score(FakeClassifier());
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].truth == Indices{0, 2});
  CHECK(texts[0].text.scores == FakeClassifier::scores_of("3~z", 3));
  CHECK_FALSE(texts[0].text.truncated_tokens);
  CHECK(texts[1].truth.empty());
  CHECK(texts[1].text.truncated_tokens);
}

TEST_CASE("labelled_texts: labels that are never an answer are not measured", "[jobs][labels]") {
  const FakeClassifier classifier({"S", "E", "none", "a", "b"}, {0, 1, 2});
  const MeasuredLabels labels(classifier);
  CHECK(labels.names() == std::vector<std::string>{"a", "b"});
  Labelled labelled(R"({"text": "zzzpq", "labels": ["none"]})"
                    "\n"
                    R"({"text": "zzzpq", "labels": ["b"]})");
  const auto texts = labelled.score(classifier);
  CHECK(texts[0].truth.empty());
  CHECK(texts[1].truth == Indices{1});
  CHECK(texts[0].text.scores == std::vector<float>{'p' / 255.0F, 'q' / 255.0F});

  DecisionPolicy policy;
  policy.top_k = 3;
  policy.label_thresholds = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F};
  CHECK(labels.renumbered(policy).label_thresholds == std::vector<float>{0.4F, 0.5F});
  CHECK(labels.renumbered(policy).top_k == std::size_t{3});
}

TEST_CASE("labelled_texts: an unknown label names the line and the nearest label",
          "[jobs][labels]") {
  Labelled labelled(R"({"text": "a", "labels": ["zero"]})"
                    "\n\n"
                    R"({"text": "b", "labels": ["zero", "onee"]})");
  labelled.options.unknown_labels = UnknownLabels::kError;
  CHECK_THROWS_AS(labelled.score(FakeClassifier()), FormatError);
  CHECK_THROWS_WITH(labelled.score(FakeClassifier()),
                    ContainsSubstring("labelled.jsonl: line 3") &&
                        ContainsSubstring("\"onee\" (is \"one\" meant?)"));
  Labelled far(R"({"text": "b", "labels": ["something else"]})");
  CHECK_THROWS_WITH(far.score(FakeClassifier()), !ContainsSubstring("meant"));
}

TEST_CASE("labelled_texts: bad rows, empty and missing files are errors", "[jobs][labels]") {
  Labelled bad("{\"text\": \"a\", \"labels\": []}\n{\"text\": 1, \"labels\": []}\n");
  CHECK_THROWS_WITH(bad.score(FakeClassifier()), ContainsSubstring("line 2"));
  Labelled unlabelled("{\"text\": \"a\"}\n");
  CHECK_THROWS_WITH(unlabelled.score(FakeClassifier()), ContainsSubstring("(labels_field)"));
  Labelled empty("\n");
  CHECK_THROWS_WITH(empty.score(FakeClassifier()), ContainsSubstring("at least one labelled text"));
  empty.file.path += "-not-there";
  CHECK_THROWS_AS(empty.score(FakeClassifier()), IoError);
}

TEST_CASE("labelled_texts: what takes no part is counted", "[jobs][labels]") {
  Labelled labelled(
      "{\"text\": \"a\", \"zero\": 1, \"one\": 0}\n{\"text\": \"b\", \"zero\": null, \"one\": "
      "1}\n");
  CHECK(labelled.score(FakeClassifier()).size() == 1);
  CHECK(labelled.left_out.texts == 1);
  CHECK(describe(labelled.left_out) == "left out: 1 text without a value for every label");

  Labelled unknown("{\"text\": \"a\", \"labels\": [\"zero\", \"x\"]}\n");
  CHECK(unknown.score(FakeClassifier()).size() == 1);
  CHECK(describe(unknown.left_out) ==
        "left out: labels that the model does not have: \"x\" (1 text)");
  CHECK(describe(LeftOut{}).empty());

  LeftOut many;
  for (char c = 'a'; c <= 'm'; ++c) many.labels[std::string(1, c)] = 2;
  CHECK_THAT(describe(many), ContainsSubstring("\"j\" (2 texts), and 3 more"));
}

TEST_CASE("labelled_texts: a requested stop ends the work", "[jobs][labels]") {
  Labelled labelled("{\"text\": \"a\", \"labels\": []}\n");
  labelled.stop.request_stop();
  CHECK_THROWS_AS(labelled.score(FakeClassifier()), CancelledError);
}

TEST_CASE("labelled_texts: long files are scored chunk by chunk, in order", "[jobs][labels]") {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += "{\"text\": \"" + std::string(1, static_cast<char>('a' + i % 26)) +
             "\", \"labels\": [\"" + (i % 2 == 0 ? "zero" : "one") + "\"]}\n";
  }
  Labelled labelled(lines);
  const FakeClassifier classifier;
  const auto texts = labelled.score(classifier);
  REQUIRE(texts.size() == 3000);
  CHECK(classifier.call_sizes().size() == 3);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    REQUIRE(texts[i].truth == Indices{i % 2});
    REQUIRE(texts[i].text.scores[0] == static_cast<float>('a' + i % 26) / 255.0F);
  }
}

}  // namespace polytag
