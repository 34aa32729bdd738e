#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "polytag/classifier.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

/// One of the four original programs, converted as a user would, beside what it answered itself.
struct Program {
  explicit Program(const std::string& variant) {
    const fs::path source = fs::path(POLYTAG_SHARED) / "golden/tf" / variant;
    if (!fs::exists(source)) {
      WARN("skipped: no goldens in " << source.string());
      return;
    }
    ConvertOptions options;
    options.source = source;
    options.output = path();
    convert_checkpoint(options);
    records = Json::parse(file_bytes(source / "golden.json"))["records"];
    REQUIRE(records.size() == 49);
  }
  fs::path path() const { return directory.path() / "model"; }

  TemporaryDirectory directory;
  Json records = Json::array();  // empty if the goldens are not there
};

/// The labels as the original lists them: in the order of their indices.
std::vector<std::string> names_by_index(Prediction prediction) {
  std::ranges::sort(prediction.labels, {}, &PredictedLabel::index);
  std::vector<std::string> names;
  for (const PredictedLabel& label : prediction.labels) names.push_back(label.name);
  return names;
}

}  // namespace

TEST_CASE("original programs: converted, every text has the original's token ids", "[golden]") {
  for (const char* variant : {"base", "textcnn", "denses", "seq2seq"}) {
    const Program program(variant);
    if (program.records.empty()) return;
    const ModelDirectory model = open_model_directory(program.path());
    EncodeOptions options;
    options.max_length = model.tokenizer.config().model_max_length;
    for (const Json& record : program.records) {
      auto ids = model.tokenizer.encode(record["sentence"].get<std::string>(), {}, options).ids;
      ids.resize(record["input_ids"].size(), model.tokenizer.pad_token_id());
      CHECK(ids == record["input_ids"].get<std::vector<std::int32_t>>());
    }
  }
}

TEST_CASE("original programs: converted, the three without sequences give the original's labels",
          "[golden]") {
  for (const char* variant : {"base", "textcnn", "denses"}) {
    const Program program(variant);
    if (program.records.empty()) return;
    const auto classifier = load_classifier(program.path());
    for (const Json& record : program.records) {
      INFO(variant << ": " << record["sentence"]);
      CHECK(names_by_index(classifier->classify(record["sentence"].get<std::string>())) ==
            record["get_label"].get<std::vector<std::string>>());
    }
  }
}

TEST_CASE("original programs: converted, the dense and the TextCNN head give its probabilities",
          "[golden]") {
  for (const char* variant : {"base", "textcnn"}) {
    const Program program(variant);
    if (program.records.empty()) return;
    const auto classifier = load_classifier(program.path());
    double worst = 0;
    for (const Json& record : program.records) {
      const auto scores = classifier->scores(record["sentence"].get<std::string>()).scores;
      const auto expected = record["probabilities"].get<std::vector<double>>();
      REQUIRE(scores.size() == expected.size());
      for (std::size_t i = 0; i < scores.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(scores[i]) - expected[i]));
      }
    }
    INFO(variant << ": largest difference " << worst);
    CHECK(worst < 2e-5);  // the bound for probabilities; observed: see the message
  }
}

TEST_CASE("original programs: converted, the sequence program prints what the original prints",
          "[golden]") {
  const Program program("seq2seq");
  if (program.records.empty()) return;
  const auto classifier = load_classifier(program.path());
  for (const Json& record : program.records) {
    const Prediction prediction = classifier->classify(record["sentence"].get<std::string>());
    REQUIRE(prediction.beams.size() == 1);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < prediction.beams[0].ids.size(); ++i) {
      constexpr std::size_t kStart = 1;  // "E", which alone the original does not print
      if (prediction.beams[0].ids[i] != kStart) names.push_back(prediction.beams[0].names[i]);
    }
    std::ranges::sort(names);  // UTF-8 sorts by code points
    INFO(record["sentence"]);
    CHECK(names == record["get_label"].get<std::vector<std::string>>());
    // The labels are those of this beam, each once, without the control labels.
    std::set<std::string> expected(names.begin(), names.end());
    for (const char* const control : {"S", "E", "|"}) expected.erase(control);
    std::set<std::string> found;
    for (const PredictedLabel& label : prediction.labels) found.insert(label.name);
    CHECK(found == expected);
    CHECK(found.size() == prediction.labels.size());
  }
}
