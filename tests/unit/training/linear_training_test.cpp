// Features and scores of scikit-learn's TfidfVectorizer and LinearSVC (tolerance 1e-10).
#include "polytag/training/linear_training.hpp"

#include <filesystem>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/text/terms.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::training {

namespace {

std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms;
  for_each_term(text, [&](std::string_view term) { terms.emplace_back(term); });
  return terms;
}

std::vector<LabelledText> texts_of(const Json& rows, const LabelVocabulary& labels) {
  std::vector<LabelledText> texts;
  for (const Json& row : rows) {
    LabelledText text{row["text"].get<std::string>(), {}, {}};
    for (const Json& label : row["labels"]) {
      text.labels.push_back(*labels.index_of(label.get<std::string>()));
    }
    std::sort(text.labels.begin(), text.labels.end());
    texts.push_back(text);
  }
  return texts;
}

}  // namespace

TEST_CASE("Terms are words and pairs in lower case, ideographs and up to three of them") {
  CHECK(terms_of("Oil, a BARREL!") == std::vector<std::string>{"oil", "barrel", "oil barrel"});
  CHECK(terms_of("价格高 ok") ==
        std::vector<std::string>{"价", "格", "价 格", "高", "格 高", "价 格 高", "ok", "高 ok"});
  CHECK(terms_of("Ünïcode x_1\xff y").size() == 3);
  CHECK(terms_of("").empty());
}

TEST_CASE("The linear model is scikit-learn's TF-IDF under LinearSVC") {
  const auto golden = test::read_golden_json(*test::find_golden("training/linear/linear.json"));
  const WeightSource expected =
      open_safetensors(*test::find_golden("training/linear/linear.safetensors"));
  const LabelVocabulary labels(golden["labels"].get<std::vector<std::string>>(), "golden");
  const auto texts = texts_of(golden["train"], labels);
  ThreadPool pool(2);
  const LinearModel model =
      train_linear(texts, labels, {.tolerance = 1e-8, .most_passes = 100'000}, pool);
  REQUIRE(model.term_count() == golden["terms"].size());
  const Tensor features = test::read_golden_tensor(expected, "test_features");
  const Tensor scores = test::read_golden_tensor(expected, "squared_hinge_scores");
  for (std::size_t i = 0; i < golden["test"].size(); ++i) {
    const auto found = model.features(model.terms_of(golden["test"][i]["text"].get<std::string>()));
    std::vector<float> dense(model.term_count());
    for (const auto& [term, weight] : found) dense[term] = weight;
    CHECK(test::distance(dense, features.matrix().row(i), 1e-6, 0).worst <= 1);
    CHECK(test::distance(model.logits(found), scores.matrix().row(i), 2e-6, 0).worst <= 1);
  }

  SerialExecutor serial;
  const LinearModel again =
      train_linear(texts, labels, {.tolerance = 1e-8, .most_passes = 100'000}, serial);
  const auto some = model.features(model.terms_of(texts[3].text));
  CHECK(again.logits(some) == model.logits(some));
}

TEST_CASE("A linear model is a directory that is served") {
  const auto golden = test::read_golden_json(*test::find_golden("training/linear/linear.json"));
  const LabelVocabulary labels(golden["labels"].get<std::vector<std::string>>(), "golden");
  const auto texts = texts_of(golden["train"], labels);
  SerialExecutor serial;
  LinearModel model = train_linear(texts, labels, {}, serial);
  DecisionPolicy decision;
  decision.threshold = 0.25F;
  decision.label_thresholds = {0.25F, 0.5F, 0.25F, 0.25F, 0.25F};
  model.set_decision(decision);
  const TemporaryDirectory directory;
  model.write(directory.path());
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    LoadOptions options;
    options.threads = threads;
    const auto classifier = load_classifier(directory.path().string(), options);
    CHECK(classifier->description().head == "linear");
    CHECK(classifier->labels().names() == labels.names());
    CHECK(classifier->decision_policy().label_thresholds == decision.label_thresholds);
    const auto prediction = classifier->classify(texts[2].text);
    REQUIRE_FALSE(prediction.labels.empty());
    CHECK(prediction.labels[0].name == "ship");
    CHECK(classifier->classify("").labels.size() <= 5);
  }
  directory.write("terms.txt", "one\none\n");
  CHECK_THROWS_AS(load_classifier(directory.path().string()), Error);
}

TEST_CASE("Texts of which no two share a word make no linear model") {
  SerialExecutor serial;
  const std::vector<LabelledText> texts{{"one", {}, {0}}, {"two", {}, {}}};
  CHECK_THROWS_WITH(train_linear(texts, LabelVocabulary({"a"}, "test"), {}, serial),
                    ContainsSubstring("a word that 2 of them have"));
}

}  // namespace polytag::training
