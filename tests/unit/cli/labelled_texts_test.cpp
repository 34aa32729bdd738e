#include "cli/labelled_texts.hpp"

#include <string>
#include <vector>

#include "files/stop_event.hpp"
#include "polytag/core/executor.hpp"
#include "support/catch.hpp"
#include "support/fake_classifier.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::cli {

namespace {

struct Labelled {
  TemporaryDirectory directory;
  StopEvent stop;
  LabelledInputArguments input;
  ThreadPool threads{1};

  explicit Labelled(const std::string& lines) {
    input.path = directory.write("labelled.jsonl", lines);
    input.quiet = true;
  }

  std::vector<LabelledScores> score(const MultiLabelClassifier& classifier) {
    std::vector<LabelledScores> all;
    ClassifyOptions options;
    options.executor = &threads;
    score_labelled_texts(classifier, MeasuredLabels(classifier), input, options, stop,
                         [&](LabelledScores text) { all.push_back(std::move(text)); });
    return all;
  }
};

using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("labelled_texts: truth, scores and truncation of each row, in order", "[cli][evaluate]") {
  Labelled labelled(R"({"text": "3~z", "labels": ["two", "zero"]})"
                    "\n"
                    R"({"text": "abcd", "labels": []})");
  const auto texts = labelled.score(FakeClassifier());
  REQUIRE(texts.size() == 2);
  CHECK(texts[0].truth == Indices{2, 0});
  CHECK(texts[0].text.scores == FakeClassifier::scores_of("3~z", 3));
  CHECK_FALSE(texts[0].text.truncated_tokens);
  CHECK(texts[1].truth.empty());
  CHECK(texts[1].text.truncated_tokens);
}

TEST_CASE("labelled_texts: labels that are never an answer are not measured", "[cli][evaluate]") {
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
          "[cli][evaluate]") {
  Labelled labelled(R"({"text": "a", "labels": ["zero"]})"
                    "\n\n"
                    R"({"text": "b", "labels": ["zero", "onee"]})");
  CHECK_THROWS_AS(labelled.score(FakeClassifier()), FormatError);
  CHECK_THROWS_WITH(labelled.score(FakeClassifier()),
                    ContainsSubstring("labelled.jsonl: line 3") &&
                        ContainsSubstring("\"onee\" (is \"one\" meant?)"));
  Labelled far(R"({"text": "b", "labels": ["something else"]})");
  CHECK_THROWS_WITH(far.score(FakeClassifier()), !ContainsSubstring("meant"));
}

TEST_CASE("labelled_texts: bad rows, empty and missing files are errors", "[cli][evaluate]") {
  Labelled bad("{\"text\": \"a\", \"labels\": []}\n{\"text\": 1, \"labels\": []}\n");
  CHECK_THROWS_WITH(bad.score(FakeClassifier()), ContainsSubstring("line 2"));
  Labelled unlabelled("{\"text\": \"a\"}\n");
  CHECK_THROWS_WITH(unlabelled.score(FakeClassifier()), ContainsSubstring("--labels-field"));
  Labelled empty("\n");
  CHECK_THROWS_WITH(empty.score(FakeClassifier()), ContainsSubstring("at least one labelled text"));
  empty.input.path += "-not-there";
  CHECK_THROWS_AS(empty.score(FakeClassifier()), IoError);
}

TEST_CASE("labelled_texts: a requested stop ends the work", "[cli][evaluate]") {
  Labelled labelled("{\"text\": \"a\", \"labels\": []}\n");
  labelled.stop.request();
  CHECK_THROWS_AS(labelled.score(FakeClassifier()), CancelledError);
}

TEST_CASE("labelled_texts: long files are scored chunk by chunk, in order", "[cli][evaluate]") {
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

}  // namespace polytag::cli
