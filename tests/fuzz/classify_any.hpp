#pragma once

#include <filesystem>
#include <string_view>

#include "fuzz.hpp"
#include "polytag/classifier.hpp"

namespace polytag::fuzz {

/// tokenizer_config.json of the tokenizer that is made fastest, with no look into most of Unicode.
inline constexpr std::string_view kQuickTokenizer = R"({
  "basic_tokenizer": "tensorflow", "do_lower_case": false, "tokenize_chinese_chars": false})";

/// A model that loads must classify: every score a probability, every label one of its own.
inline void load_and_classify(const std::filesystem::path& directory) {
  const auto classifier = load_classifier(directory);
  const auto check = [&](const TextInput& input, const ClassifyOptions& options) {
    const auto scores = classifier->scores(input, options).scores;
    require(scores.size() == classifier->labels().size(), "each label has a score");
    for (const float score : scores) require(score >= 0 && score <= 1, "scores are in [0, 1]");
    for (const PredictedLabel& label : classifier->classify(input, options).labels) {
      require(label.name == classifier->labels().name(label.index), "labels have their names");
      require(label.score == scores[label.index], "labels have their scores");
      for (const std::size_t excluded : classifier->excluded_labels()) {
        require(label.index != excluded, "excluded labels are never an answer");
      }
    }
  };
  const TextInput longer = "a b c, an unknown word; a b c a b c a b c a b c a b c a b c a b c";
  ClassifyOptions windows;
  windows.windows = WindowOptions{.overlap = 0, .pooling = WindowPooling::kMean};
  succeeds([&] { check("", {}); });
  succeeds([&] { check(TextInput("a", "b c a"), {}); });
  succeeds([&] { check(longer, {}); });
  succeeds([&] { check(longer, windows); });
}

}  // namespace polytag::fuzz
