// What bfloat16 and int8 cost on every golden: models loaded in that precision, and models whose
// weights were stored in it first.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/evaluation/score_changes.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/quantize/quantize.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/hidden_states.hpp"
#include "support/parts.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

/// A text as a golden has it.
struct Text {
  std::string text;
  std::vector<std::int32_t> ids;
};

/// A model in a lower precision: its own weights, and a directory with them rounded.
class LowerPrecision {
 public:
  LowerPrecision(fs::path original, Precision precision)
      : original_(std::move(original)), precision_(precision) {
    quantize_model({original_, stored(), precision});
  }
  fs::path stored() const { return directory_.path() / "stored"; }
  std::vector<fs::path> both() const { return {original_, stored()}; }
  Precision precision() const { return precision_; }

 private:
  TemporaryDirectory directory_;
  fs::path original_;
  Precision precision_;
};

struct Bounds {
  Precision precision;
  double cosine;  // of hidden states with their float32 twins, at least
  double score;   // off by at most
};

std::unique_ptr<MultiLabelClassifier> load(const fs::path& path, Precision precision) {
  LoadOptions options;
  options.precision = precision;
  options.problem_type = "multi_label_classification";
  return load_classifier(path, options);
}

/// The least cosine of the [CLS] states and of the states' mean, each with its float32 twin.
double least_cosine(const fs::path& original, const fs::path& lower, Precision precision,
                    std::span<const Text> texts) {
  const ModelDirectory exact = open_model_directory(original);
  const ModelDirectory model = open_model_directory(lower);
  const auto exact_encoder =
      test::make_encoder<BertEncoder<NativeBackend>>(exact, Precision::kFloat32);
  const auto encoder = test::make_encoder<BertEncoder<NativeBackend>>(model, precision);
  const std::size_t size = facts_of(exact.config.encoder).hidden_size;
  double least = 1;
  for (const Text& text : texts) {
    const auto expected = test::hidden_states(exact_encoder, text.ids, default_instruction_set());
    const auto found = test::hidden_states(encoder, text.ids, default_instruction_set());
    least = std::min({least,
                      test::cosine(std::span(found).first(size), std::span(expected).first(size)),
                      test::cosine(test::mean_pool(found, size), test::mean_pool(expected, size))});
  }
  return least;
}

ScoreChanges score_changes(const fs::path& original, const fs::path& lower, Precision precision,
                           std::span<const Text> texts) {
  const auto exact = load(original, Precision::kFloat32);
  const auto model = load(lower, precision);
  ScoreChanges changes;
  for (const Text& text : texts) {
    changes.add(exact->scores(text.text).scores, model->scores(text.text).scores);
  }
  return changes;
}

std::vector<Text> read_texts(const fs::path& golden) {
  std::vector<Text> texts;
  for (const Json& json : test::read_golden_json(golden / "texts.json")) {
    texts.push_back({json.at("text"), json.at("ids")});
  }
  return texts;
}

}  // namespace

// Observed of both ways, loaded and stored: cosines of at least 0.99996 in bfloat16 and 0.9994 in
// int8; scores off by at most 0.0031 and 0.0134.
TEST_CASE("precision: hidden states and scores of Hugging Face's checkpoints",
          "[golden][precision]") {
  const auto goldens = test::find_golden("hf");
  if (!goldens) return;
  for (const Bounds& bounds :
       {Bounds{Precision::kBfloat16, 0.9999, 0.01}, {Precision::kInt8, 0.999, 0.03}}) {
    for (const auto& entry : fs::directory_iterator(*goldens)) {
      const std::vector<Text> texts = read_texts(entry.path());
      const LowerPrecision lower(entry.path(), bounds.precision);
      for (const fs::path& path : lower.both()) {
        INFO(entry.path().filename() << ", " << to_string(bounds.precision) << ", " << path);
        CHECK(least_cosine(entry.path(), path, bounds.precision, texts) >= bounds.cosine);
        CHECK(score_changes(entry.path(), path, bounds.precision, texts).largest() <= bounds.score);
      }
    }
  }
}

// Observed: cosines of at least 0.99998 and 0.9997; scores off by at most 0.016 and 0.076, and by
// 0.0016 and 0.007 on average. A sequence's score is the share of the beams that hold a label,
// which jumps where beams change places: 0.0053 and 0.016 on average.
TEST_CASE("precision: scores of the four original programs", "[golden][precision]") {
  for (const std::string variant : {"base", "textcnn", "denses", "seq2seq"}) {
    const auto found = test::find_golden("tf/" + variant);
    if (!found) return;
    const fs::path& source = *found;
    const TemporaryDirectory directory;
    const fs::path original = directory.path() / "model";
    ConvertOptions options;
    options.source = source;
    options.output = original;
    convert_checkpoint(options);
    std::vector<Text> texts;
    const Json golden = test::read_golden_json(source / "golden.json");
    for (const Json& record : golden.at("records")) {
      texts.push_back({record.at("sentence"), record.at("input_ids")});
    }
    for (const Bounds& bounds :
         {Bounds{Precision::kBfloat16, 0.9999, 0.03}, {Precision::kInt8, 0.999, 0.12}}) {
      const LowerPrecision lower(original, bounds.precision);
      for (const fs::path& path : lower.both()) {
        INFO(variant << ", " << to_string(bounds.precision) << ", " << path.filename());
        CHECK(least_cosine(original, path, bounds.precision, texts) >= bounds.cosine);
        const ScoreChanges changes = score_changes(original, path, bounds.precision, texts);
        if (variant != "seq2seq") CHECK(changes.largest() <= bounds.score);
        CHECK(changes.mean() <= bounds.score / 4);
      }
    }
  }
}

// Observed: cosines of at least 0.999998 and 0.9999; scores off by at most 0.0026 and 0.018.
TEST_CASE("precision: the model that ships, on news", "[golden][precision]") {
  const fs::path original = fs::path(POLYTAG_EXAMPLES) / "models/reuters-albert-tiny";
  const Tokenizer tokenizer = open_model_directory(original).tokenizer;
  EncodeOptions options;
  options.max_length = tokenizer.spec().model_max_length;
  std::vector<Text> texts;
  std::ifstream news(fs::path(POLYTAG_EXAMPLES) / "labelled_news.jsonl");
  for (std::string line; std::getline(news, line);) {
    const std::string text = Json::parse(line).at("text");
    texts.push_back({text, tokenizer.encode(text, std::nullopt, options).ids});
  }
  REQUIRE(texts.size() == 77);
  for (const Bounds& bounds :
       {Bounds{Precision::kBfloat16, 0.9999, 0.01}, {Precision::kInt8, 0.999, 0.05}}) {
    const LowerPrecision lower(original, bounds.precision);
    for (const fs::path& path : lower.both()) {
      INFO(to_string(bounds.precision) << ", " << path.filename());
      CHECK(least_cosine(original, path, bounds.precision, texts) >= bounds.cosine);
      CHECK(score_changes(original, path, bounds.precision, texts).largest() <= bounds.score);
    }
  }
}
