#include "model/config_writer.hpp"

#include <string>

#include "files/json.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

namespace polytag {

namespace {

const StoredThresholds kThresholds{0.3F, {{"gold", 0.62F}, {"外观", 0.1F}}};

std::string changed(const std::string& config) {
  return with_thresholds(config, "config.json", kThresholds);
}

}  // namespace

TEST_CASE("config writer: everything else keeps its value and its place", "[model][tune]") {
  const std::string config = R"({
  "zeta": 1e-12,
  "alpha": [1, 2.5, null, "é"],
  "polytag": {"head": "text_cnn", "thresholds": {"old": 0.9}, "top_k": 3},
  "id2label": {"0": "gold", "1": "外观"}
})";
  CHECK(changed(config) == R"({
  "zeta": 1e-12,
  "alpha": [
    1,
    2.5,
    null,
    "é"
  ],
  "polytag": {
    "head": "text_cnn",
    "thresholds": {
      "gold": 0.62,
      "外观": 0.1
    },
    "top_k": 3,
    "threshold": 0.3
  },
  "id2label": {
    "0": "gold",
    "1": "外观"
  }
}
)");
}

TEST_CASE("config writer: a Hugging Face file gets a polytag object", "[model][tune]") {
  const Json json = parse_json(changed(R"({"model_type": "bert"})"), "test");
  CHECK(json["model_type"] == "bert");
  CHECK(json["polytag"]["threshold"].get<float>() == 0.3F);
  CHECK(json["polytag"]["thresholds"].size() == 2);
}

TEST_CASE("config writer: thresholds are written so that the same float is read", "[model][tune]") {
  for (const float threshold : {0.0F, 1.0F, 0.1F, 1.0F / 3.0F, 0x1p-149F, 0.99999994F}) {
    const std::string text = with_thresholds("{}", "config.json", {threshold, {{"a", threshold}}});
    const Json json = parse_json(text, "test");
    CHECK(static_cast<float>(json["polytag"]["threshold"].get<double>()) == threshold);
    CHECK(static_cast<float>(json["polytag"]["thresholds"]["a"].get<double>()) == threshold);
  }
}

TEST_CASE("config writer: what is no config is an error", "[model][tune]") {
  CHECK_THROWS_AS(changed("[]"), FormatError);
  CHECK_THROWS_AS(changed("{"), FormatError);
  CHECK_THROWS_AS(changed(R"({"a": 1, "a": 2})"), FormatError);
  CHECK_THROWS_AS(changed(R"({"polytag": []})"), ConfigError);
}

}  // namespace polytag
