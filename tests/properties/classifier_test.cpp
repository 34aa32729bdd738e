// What holds for a classifier as a whole: nothing but the text decides about its scores.

#include "polytag/classifier.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"
#include "polytag/stream.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::unique_ptr<MultiLabelClassifier> load(std::size_t threads = 1) {
  LoadOptions options;
  options.threads = threads;
  return load_classifier(POLYTAG_EXAMPLE_MODEL, options);
}

/// Texts of all lengths from none to more than the model holds.
const std::vector<std::string>& sample_texts() {
  static const std::vector<std::string> texts = [] {
    const std::vector<std::string> words{"wheat",  "dollar", "bank",   "profit", "crude", "oil",
                                         "shares", "rose",   "yen",    "coffee", "trade", "said",
                                         "mln",    "dlrs",   "reuter", "gold",   "中文",  "!"};
    std::mt19937 random(7);
    std::vector<std::string> all{""};
    for (int i = 0; i < 60; ++i) {
      std::string text;
      for (auto left = random() % (i % 10 == 0 ? 300 : 30); left > 0; --left) {
        text += words[random() % words.size()] + " ";
      }
      all.push_back(text);
    }
    return all;
  }();
  return texts;
}

std::vector<TextInput> inputs_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

const std::vector<TextScores>& one_by_one() {
  static const std::vector<TextScores> scores = [] {
    const auto classifier = load();
    std::vector<TextScores> all;
    for (const std::string& text : sample_texts()) all.push_back(classifier->scores(text));
    return all;
  }();
  return scores;
}

}  // namespace

TEST_CASE("classifier: batches, threads and token budgets change no bit", "[properties]") {
  for (const std::size_t threads : {1U, 2U, 3U}) {
    const auto classifier = load(threads);
    for (const std::size_t batch_tokens : {1U, 40U, 300U, 100000U}) {
      INFO(threads << " threads, " << batch_tokens << " tokens");
      ClassifyOptions options;
      options.batch_tokens = batch_tokens;
      CHECK(classifier->scores(inputs_of(sample_texts()), options) == one_by_one());
    }
    CHECK(classifier->scores(sample_texts()[11]) == one_by_one()[11]);
  }
}

TEST_CASE("classifier: order changes no bit", "[properties]") {
  const auto classifier = load(2);
  std::vector<std::size_t> order(sample_texts().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(3);
  for (int round = 0; round < 3; ++round) {
    std::ranges::shuffle(order, random);
    std::vector<TextInput> inputs;
    for (const std::size_t i : order) inputs.emplace_back(sample_texts()[i]);
    const auto scores = classifier->scores(inputs);
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(scores[i] == one_by_one()[order[i]]);
  }
}

TEST_CASE("classifier: an executor of the caller's changes no bit", "[properties]") {
  const auto classifier = load();
  ThreadPool pool(4);
  ClassifyOptions options;
  options.executor = &pool;
  CHECK(classifier->scores(inputs_of(sample_texts()), options) == one_by_one());
}

TEST_CASE("classifier: texts that were encoded before have the same scores in any company",
          "[properties]") {
  const auto classifier = load(2);
  ClassifyOptions windows;
  windows.windows = WindowOptions{.overlap = 5, .pooling = WindowPooling::kMean};
  std::vector<EncodedText> queue = classifier->encode(inputs_of(sample_texts()));
  std::ranges::copy(classifier->encode(inputs_of(sample_texts()), windows),
                    std::back_inserter(queue));
  std::ranges::reverse(queue);
  std::size_t tokens = 0;
  for (const EncodedText& text : queue) tokens += text.computed_tokens;
  CHECK(tokens > 2 * sample_texts().size());
  const auto scores = classifier->scores(queue);
  const auto windowed = classifier->scores(inputs_of(sample_texts()), windows);
  const std::size_t count = sample_texts().size();
  REQUIRE(scores.size() == 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(scores[2 * count - 1 - i] == one_by_one()[i]);
    CHECK(scores[count - 1 - i] == windowed[i]);
  }
}

TEST_CASE("classifier: many threads share one classifier", "[properties][threads]") {
  const auto classifier = load(2);
  one_by_one();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < sample_texts().size(); i += 3) {
        if (classifier->scores(sample_texts()[i]) != one_by_one()[i]) wrong.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
}

TEST_CASE("classifier: the shipped model gives PyTorch's probabilities", "[properties][golden]") {
  const auto classifier = load();
  const auto expected =
      test::read_golden_json(std::filesystem::path(POLYTAG_EXAMPLE_MODEL) / "expected.json");
  for (const Json& record : expected) {
    const auto scores = classifier->scores(record.at("text").get<std::string>()).scores;
    // bfloat16 weights, float32 arithmetic on both sides: observed at most 4e-7.
    const auto result =
        test::distance(scores, record.at("probabilities").get<std::vector<float>>(), 2e-6, 1e-5);
    INFO("off by " << result.worst_absolute);
    CHECK(result.worst <= 1);
  }
}

TEST_CASE("classifier: labels come best first and by the policy", "[classifier]") {
  const auto classifier = load();
  const std::string text = "Wheat exports rose as the dollar fell against the yen.";
  const auto prediction = classifier->classify(text);
  REQUIRE(prediction.labels.size() >= 2);
  CHECK(prediction.labels.front().name == "grain");
  for (std::size_t i = 0; i < prediction.labels.size(); ++i) {
    const auto& label = prediction.labels[i];
    CHECK(label.score >= 0.5F);
    CHECK(classifier->labels().name(label.index) == label.name);
    if (i > 0) CHECK(label.score <= prediction.labels[i - 1].score);
  }
  ClassifyOptions options;
  options.decision = DecisionPolicy{.threshold = 1.0F, .label_thresholds = {}, .top_k = {}};
  CHECK(classifier->classify(text, options).labels.empty());
  options.decision->at_least_one = true;
  CHECK(classifier->classify(text, options).labels.size() == 1);
  options.decision->threshold = 0.0F;
  options.decision->top_k = 3;
  CHECK(classifier->classify(text, options).labels.size() == 3);
}

TEST_CASE("classifier: what truncation cuts is counted", "[classifier]") {
  const auto classifier = load();
  std::string text;
  for (int i = 0; i < 200; ++i) text += "oil ";
  CHECK(classifier->classify(text).truncated_tokens == 200 - 126);
  CHECK(classifier->scores(text).truncated_tokens == 200 - 126);
  CHECK(classifier->classify("oil").truncated_tokens == 0);
}

TEST_CASE("classifier: windows read a long text to its end", "[classifier][windows]") {
  const auto classifier = load();
  std::string text;
  for (int i = 0; i < 150; ++i) text += "the ";
  text += "wheat and corn exports rose , the agriculture department said .";
  ClassifyOptions options;
  options.windows = WindowOptions{.overlap = 30, .pooling = WindowPooling::kMax};
  const auto cut = classifier->classify(text);
  const auto windowed = classifier->classify(text, options);
  CHECK(cut.truncated_tokens > 0);
  CHECK(windowed.truncated_tokens == 0);
  const auto has = [](const Prediction& prediction, const char* name) {
    return std::ranges::any_of(prediction.labels, [&](auto& label) { return label.name == name; });
  };
  CHECK_FALSE(has(cut, "grain"));
  CHECK(has(windowed, "grain"));

  SECTION("a text that fits has the same scores as without windows") {
    CHECK(classifier->scores("oil and gas", options) == classifier->scores("oil and gas"));
  }
  SECTION("the mean is at most the maximum") {
    options.windows->pooling = WindowPooling::kMean;
    const auto mean = classifier->scores(text, options).scores;
    options.windows->pooling = WindowPooling::kMax;
    const auto most = classifier->scores(text, options).scores;
    for (std::size_t i = 0; i < mean.size(); ++i) CHECK(mean[i] <= most[i] + 1e-6F);
  }
  SECTION("an overlap that leaves no progress, and pairs, are refused") {
    options.windows->overlap = 126;
    CHECK_THROWS_AS(classifier->classify(text, options), ArgumentError);
    options.windows->overlap = 0;
    CHECK_THROWS_AS(classifier->classify(TextInput("a", "b"), options), ArgumentError);
  }
}

TEST_CASE("classifier: a stream equals a batch, in bounded pieces", "[classifier]") {
  const auto classifier = load(2);
  std::vector<std::vector<PredictedLabel>> streamed;
  classify_stream(
      *classifier, sample_texts(), [&](const Prediction& p) { streamed.push_back(p.labels); }, {},
      7);
  const auto together = classifier->classify(inputs_of(sample_texts()));
  REQUIRE(streamed.size() == together.size());
  for (std::size_t i = 0; i < together.size(); ++i) {
    REQUIRE(streamed[i].size() == together[i].labels.size());
    for (std::size_t k = 0; k < streamed[i].size(); ++k) {
      CHECK(streamed[i][k].name == together[i].labels[k].name);
      CHECK(streamed[i][k].score == together[i].labels[k].score);
    }
  }
}

TEST_CASE("classifier: a stop that was asked for ends the call", "[classifier]") {
  const auto classifier = load(2);
  std::stop_source source;
  source.request_stop();
  ClassifyOptions options;
  options.stop = source.get_token();
  CHECK_THROWS_AS(classifier->classify(inputs_of(sample_texts()), options), CancelledError);
}

TEST_CASE("classifier: no texts give no predictions", "[classifier]") {
  const auto classifier = load(2);
  CHECK(classifier->classify(std::span<const TextInput>()).empty());
  CHECK(classifier->scores(std::span<const TextInput>()).empty());
  CHECK(classifier->scores(std::span<const EncodedText>()).empty());
}

TEST_CASE("classifier: hostile texts are answered", "[classifier][robustness]") {
  const auto classifier = load();
  const std::string all_bytes = [] {
    std::string bytes;
    for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
    return bytes;
  }();
  for (const std::string& text : {std::string("\xff\xfe\xc0\x80"), std::string("a\0b", 3),
                                  all_bytes, std::string(100000, 'x'), std::string(1000, '\x80')}) {
    for (const float score : classifier->scores(text).scores)
      CHECK((score >= 0.0F && score <= 1.0F));
  }
}

TEST_CASE("load_classifier: what is left open or wrong is explained", "[classifier][errors]") {
  CHECK_THROWS_AS(load_classifier("/nonexistent"), IoError);
  LoadOptions options;
  options.backend = reference_backend();
  options.precision = Precision::kInt8;
  CHECK_THROWS_WITH(
      load_classifier(POLYTAG_EXAMPLE_MODEL, options),
      "precision: expected one that the backend \"reference\" computes in, found int8");

  const TemporaryDirectory directory;
  const std::filesystem::path model(POLYTAG_EXAMPLE_MODEL);
  for (const char* file : {"vocab.txt", "tokenizer_config.json"}) {
    std::filesystem::copy(model / file, directory.path() / file);
  }
  Json config = test::read_golden_json(model / "config.json");
  SECTION("no weights") {
    directory.write("config.json", config.dump());
    CHECK_THROWS_WITH(load_classifier(directory.path()),
                      ContainsSubstring("model.safetensors: no such file"));
  }
  std::filesystem::copy(model / "model.safetensors", directory.path() / "model.safetensors");
  SECTION("no problem type") {
    config.erase("problem_type");
    directory.write("config.json", config.dump());
    CHECK_THROWS_WITH(load_classifier(directory.path()), ContainsSubstring("problem_type"));
    LoadOptions single;
    single.problem_type = "single_label_classification";
    const auto classifier = load_classifier(directory.path(), single);
    CHECK(classifier->classify("oil").labels.size() == 1);
    const auto scores = classifier->scores("oil").scores;
    CHECK(std::accumulate(scores.begin(), scores.end(), 0.0F) == Approx(1.0).epsilon(1e-5));
  }
  SECTION("an unknown head") {
    config["polytag"] = {{"head", "magic"}};
    directory.write("config.json", config.dump());
    CHECK_THROWS_WITH(load_classifier(directory.path()), ContainsSubstring("polytag.head"));
  }
  SECTION("another shape than the weights") {
    config["hidden_size"] = 96;
    directory.write("config.json", config.dump());
    CHECK_THROWS_AS(load_classifier(directory.path()), ShapeError);
  }
  SECTION("fewer labels than the weights") {
    config["id2label"].erase("89");
    directory.write("config.json", config.dump());
    CHECK_THROWS_WITH(load_classifier(directory.path()),
                      ContainsSubstring("tensor \"classifier.weight\": expected [89, 192]"));
  }
  SECTION("a vocabulary larger than the embeddings") {
    config["vocab_size"] = 100;
    directory.write("config.json", config.dump());
    CHECK_THROWS_WITH(load_classifier(directory.path()), ContainsSubstring("vocab_size"));
  }
}
