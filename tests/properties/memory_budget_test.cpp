// ClassifyOptions::memory_budget: kept to, by what the heap was seen to hold, and without influence
// on any result.

#include <algorithm>
#include <charconv>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "polytag/kernels/native_backend.hpp"
#include "polytag/text/bert_tokenizer.hpp"
#include "runtime/make_classifier.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"

namespace polytag {

extern template std::unique_ptr<MultiLabelClassifier> make_classifier<NativeBackend>(
    ModelDirectory, const LoadOptions&);

namespace {

struct ModelShape {
  const char* head;
  std::size_t hidden_size;
  std::size_t num_labels;
  std::optional<std::size_t> padded_length;
  Precision precision;
  std::size_t threads;
  bool stepwise = false;  ///< whether the tokenizer goes step by step
};

/// BERT's own parts; or, step by step, parts that nothing joins to one pass.
Tokenizer make_tokenizer(std::vector<std::string> words, bool stepwise) {
  Vocabulary vocabulary(std::move(words), "");
  TokenizerSpec spec = bert_tokenizer_spec(vocabulary);
  if (stepwise) {
    spec.normalizer.emplace_back(UnicodeForm::kNfc);
    spec.pre_tokenizer = {WhitespaceSplit(), PunctuationSplit()};
  }
  return {std::move(vocabulary), std::move(spec)};
}

/// @return a configuration with the sizes that every head has
template <class Config>
Config with_sizes(const ModelShape& shape) {
  Config config;
  config.hidden_size = shape.hidden_size;
  config.num_labels = shape.num_labels;
  return config;
}

HeadConfig head_config(const ModelShape& shape) {
  const std::string head = shape.head;
  if (head == "text_cnn") {
    auto config = with_sizes<TextCnnConfig>(shape);
    config.filter_sizes = {2, 3, 5};
    config.num_filters = 24;
    return config;
  }
  if (head == "binary_relevance") {
    auto config = with_sizes<BinaryRelevanceConfig>(shape);
    config.transform = {.name = "pooler.dense", .in_encoder = true};
    return config;
  }
  if (head == "seq2seq") {
    auto config = with_sizes<Seq2SeqConfig>(shape);
    config.encoder_units = 20;
    config.encoder_layers = 2;
    config.label_embedding_size = 8;
    config.start_id = 1;
    config.end_id = 0;
    config.maximum_length = 12;
    config.beam_width = 4;
    return config;
  }
  auto config = with_sizes<ClsDenseConfig>(shape);
  config.transform = {.name = "pooler.dense", .in_encoder = true};
  return config;
}

std::unique_ptr<MultiLabelClassifier> make(const ModelShape& shape) {
  std::vector<std::string> words{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d"};
  ModelConfig config;
  config.model_type = "bert";
  config.encoder = BertConfig{.vocab_size = words.size(),
                              .hidden_size = shape.hidden_size,
                              .embedding_size = shape.hidden_size,
                              .num_hidden_layers = 2,
                              .num_hidden_groups = 2,
                              .num_attention_heads = 4,
                              .intermediate_size = 4 * shape.hidden_size,
                              .max_position_embeddings = 96,
                              .type_vocab_size = 2};
  config.problem_type = "multi_label_classification";
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < shape.num_labels; ++i) labels.push_back(std::to_string(i));
  config.labels = LabelVocabulary(labels, "");
  config.padded_length = shape.padded_length;
  config.head = head_config(shape);
  const ParameterList parameters = model_parameters(config, "bert");
  LoadOptions options;
  options.precision = shape.precision;
  options.threads = shape.threads;
  return make_classifier<NativeBackend>(
      {.path = "",
       .config = config,
       .tokenizer = make_tokenizer(std::move(words), shape.stepwise),
       .weights = test::random_weights(parameters.specs()),
       .encoder_prefix = "bert"},
      options);
}

/// Texts of all lengths from none to more than the model holds.
std::vector<std::string> sample_texts(std::size_t count) {
  std::mt19937 random(3);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (auto left = random() % (i % 9 == 0 ? 130 : 25); left > 0; --left) {
      text += "abcd"[random() % 4];
      text += ' ';
    }
    texts.push_back(text);
  }
  return texts;
}

using Scores = std::vector<TextScores>;

std::size_t bytes_of(const Scores& scores) {
  std::size_t bytes = scores.capacity() * sizeof(scores.front());
  for (const TextScores& text : scores) {
    bytes += text.scores.capacity() * sizeof(float) + 16;
    for (const LabelSequence& beam : text.beams) {
      bytes += sizeof(beam) + beam.ids.capacity() * sizeof(std::size_t) + 32;
    }
  }
  return bytes;
}

/// "memory_budget: expected 1234 bytes, …"
std::size_t bytes_named_by(const ArgumentError& error) {
  const std::string message = error.what();
  std::size_t bytes = 0;
  const std::size_t at = message.find("expected ") + 9;
  std::from_chars(message.data() + at, message.data() + message.size(), bytes);
  return bytes;
}

/// The budget that errors lead to, from one that is far too small.
std::size_t least_budget(const MultiLabelClassifier& classifier,
                         const std::vector<TextInput>& inputs, ClassifyOptions options) {
  options.memory_budget = 1;
  for (int attempt = 0; attempt < 12; ++attempt) {
    try {
      classifier.scores(inputs, options);
      return options.memory_budget;
    } catch (const ArgumentError& error) {
      REQUIRE(bytes_named_by(error) > options.memory_budget);
      options.memory_budget = bytes_named_by(error);
    }
  }
  FAIL("no end of errors");
  return 0;
}

}  // namespace

TEST_CASE("memory budget: never exceeded, and without influence on any score",
          "[properties][memory]") {
  const std::vector<std::string> texts = sample_texts(60);
  const std::vector<TextInput> inputs(texts.begin(), texts.end());
  const std::vector<ModelShape> shapes{
      {"cls_dense", 32, 5, std::nullopt, Precision::kFloat32, 1},
      {"cls_dense", 64, 3000, std::nullopt, Precision::kFloat32, 3},
      {"cls_dense", 32, 5, 40, Precision::kInt8, 2},
      {"cls_dense", 64, 17, std::nullopt, Precision::kBfloat16, 3},
      {"text_cnn", 32, 12, std::nullopt, Precision::kFloat32, 1},
      {"text_cnn", 48, 12, 64, Precision::kBfloat16, 3},
      {"binary_relevance", 32, 40, std::nullopt, Precision::kInt8, 3},
      {"binary_relevance", 32, 2000, std::nullopt, Precision::kFloat32, 1},
      {"seq2seq", 32, 9, std::nullopt, Precision::kFloat32, 1},
      {"seq2seq", 32, 300, std::nullopt, Precision::kFloat32, 3},
      {"seq2seq", 32, 9, 50, Precision::kInt8, 2},
  };
  for (const ModelShape& shape : shapes) {
    INFO(shape.head << ", hidden " << shape.hidden_size << ", " << shape.num_labels << " labels, "
                    << to_string(shape.precision) << ", " << shape.threads << " threads, padded to "
                    << shape.padded_length.value_or(0));
    const auto classifier = make(shape);
    for (const bool windows : {false, true}) {
      ClassifyOptions options;
      options.batch_tokens = 400;
      if (windows) options.windows = WindowOptions{.overlap = 7};
      const HeapMeter unlimited;
      const Scores expected = classifier->scores(inputs, options);
      const std::size_t without_limit = unlimited.peak();
      const std::size_t least = least_budget(*classifier, inputs, options);
      INFO("windows " << windows << ", least budget " << least << ", without limit "
                      << without_limit);
      for (const double factor : {1.0, 1.3, 2.0, 5.0, 40.0}) {
        options.memory_budget = static_cast<std::size_t>(static_cast<double>(least) * factor);
        const HeapMeter meter;
        const Scores scores = classifier->scores(inputs, options);
        const std::size_t peak = meter.peak();
        CHECK(scores == expected);
        INFO("budget " << options.memory_budget << ", peak " << peak << ", of the result "
                       << bytes_of(scores));
        CHECK(peak <= options.memory_budget + bytes_of(scores));
      }
    }
  }
}

TEST_CASE("memory budget: a tokenizer that holds a text in another form keeps to it, too",
          "[properties][memory]") {
  std::vector<std::string> texts = sample_texts(100);
  for (int i = 0; i < 5'000; ++i) texts[70] += "a,";
  const std::vector<TextInput> inputs(texts.begin(), texts.end());
  for (const std::size_t threads : {1U, 3U}) {
    const auto classifier =
        make({"cls_dense", 32, 5, std::nullopt, Precision::kFloat32, threads, true});
    for (const bool windows : {false, true}) {
      ClassifyOptions options;
      if (windows) options.windows = WindowOptions{};
      const Scores expected = classifier->scores(inputs, options);
      options.memory_budget = 1'000'000;
      CHECK_THROWS_WITH(classifier->scores(inputs, options),
                        ContainsSubstring("which are enough to tokenize a text of 10"));
      const std::size_t least = least_budget(*classifier, inputs, options);
      for (const std::size_t factor : {1U, 4U}) {
        options.memory_budget = least * factor;
        const HeapMeter meter;
        const Scores scores = classifier->scores(inputs, options);
        const std::size_t peak = meter.peak();
        CHECK(scores == expected);
        INFO("budget " << options.memory_budget << ", peak " << peak);
        CHECK(peak <= options.memory_budget + bytes_of(scores));
      }
    }
  }
}

TEST_CASE("memory budget: tokenizers say how much they hold, and hold no more",
          "[properties][memory]") {
  const auto repeated = [](std::string_view text) {
    std::string all;
    while (all.size() < 30'000) all += text;
    return all;
  };
  const std::vector<std::string> texts{
      repeated("a"),          repeated("a."),          repeated("a b "),   repeated("..."),
      repeated("\u00E9"),     repeated("\uFDFA"),      repeated("\u1F82"), repeated("\u0130"),
      repeated("\U0001D160"), repeated("\uAC01\u4E00")};
  const std::vector<std::vector<NormalizerStep>> normalizers{
      {},
      {UnicodeForm::kNfc, Lowercase()},
      {UnicodeForm::kNfkc},
      {BertNormalizerOptions(), UnicodeForm::kNfkd, StripAccents()},
      {ReplaceText{".", "a long replacement"}, StripWhiteSpace()}};
  const std::vector<std::vector<PreTokenizerStep>> pre_tokenizers{
      {WhitespaceSplit(), PunctuationSplit()}, {BertPreTokenizer()}, {DigitsSplit{true}}};
  for (std::size_t normalizer = 0; normalizer < normalizers.size(); ++normalizer) {
    for (std::size_t pre_tokenizer = 0; pre_tokenizer < pre_tokenizers.size(); ++pre_tokenizer) {
      Vocabulary vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"}, "");
      TokenizerSpec spec = bert_tokenizer_spec(vocabulary);
      spec.normalizer = normalizers[normalizer];
      spec.pre_tokenizer = pre_tokenizers[pre_tokenizer];
      const Tokenizer tokenizer(std::move(vocabulary), std::move(spec));
      for (std::size_t text = 0; text < texts.size(); ++text) {
        INFO("normalizer " << normalizer << ", pre-tokenizer " << pre_tokenizer << ", text "
                           << text);
        const HeapMeter meter;
        tokenizer.encode(texts[text], std::nullopt, {.max_length = 8});
        CHECK(meter.peak() <= tokenizer.working_bytes(texts[text]) + 1024);
      }
    }
  }
}

TEST_CASE("memory budget: what many labels take is decided on part by part",
          "[properties][memory]") {
  const auto classifier = make({"cls_dense", 16, 20000, std::nullopt, Precision::kFloat32, 2});
  const std::vector<std::string> texts = sample_texts(200);
  const std::vector<TextInput> inputs(texts.begin(), texts.end());
  ClassifyOptions options;
  options.decision = DecisionPolicy{.threshold = 0, .label_thresholds = {}, .top_k = 3};
  options.memory_budget = std::size_t{4} << 20;  // all scores together are 16 MB
  const HeapMeter meter;
  const auto predictions = classifier->classify(inputs, options);
  CHECK(meter.peak() <= options.memory_budget + predictions.size() * 1024);
  options.memory_budget = 0;
  const auto expected = classifier->classify(inputs, options);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(predictions[i].labels.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(predictions[i].labels[k].index == expected[i].labels[k].index);
      CHECK(predictions[i].labels[k].score == expected[i].labels[k].score);
    }
  }
}

TEST_CASE("memory budget: a text in windows that is too long says how much is enough",
          "[properties][memory]") {
  const auto classifier = make({"cls_dense", 16, 5, std::nullopt, Precision::kFloat32, 1});
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "a ";
  ClassifyOptions options;
  options.windows = WindowOptions{};
  options.memory_budget = 100'000;
  CHECK_THROWS_WITH(classifier->scores(text, options),
                    ContainsSubstring("for a text of 200000 tokens in windows, found 100000"));
  const std::vector<TextInput> inputs{text};
  options.memory_budget = least_budget(*classifier, inputs, options);
  const HeapMeter meter;
  const auto scores = classifier->scores(inputs, options);
  CHECK(meter.peak() <= options.memory_budget + bytes_of(scores));
  options.memory_budget = 0;
  CHECK(scores == classifier->scores(inputs, options));
}

}  // namespace polytag
