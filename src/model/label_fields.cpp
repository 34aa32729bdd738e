#include "model/label_fields.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "model/head_rows.hpp"

namespace polytag {

namespace {

float checked_threshold(const ConfigReader& reader, const std::string& key, double value) {
  if (!(value >= 0 && value <= 1)) {
    throw reader.refusal(key, "a number from 0 to 1", std::to_string(value));
  }
  return static_cast<float>(value);
}

}  // namespace

/// `id2label` has the indices as strings, in any order; without it Hugging Face means two labels.
LabelVocabulary read_labels(const ConfigReader& reader) {
  const Json* const id2label = reader.find("id2label");
  if (id2label == nullptr) {
    const std::size_t count = reader.size("num_labels").value_or(2);
    constexpr std::size_t kMostUnnamed = 1 << 16;  // a small file must not ask for more
    if (count == 0 || count > kMostUnnamed) {
      throw reader.refusal("num_labels", "a number from 1 to " + std::to_string(kMostUnnamed),
                           std::to_string(count));
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("LABEL_" + std::to_string(i));
    return {std::move(names), reader.file()};
  }
  if (!id2label->is_object() || id2label->empty()) {
    throw reader.mismatch("id2label", "an object with an entry for each label", *id2label);
  }
  std::vector<std::string> names(id2label->size());
  std::vector<bool> named(names.size(), false);
  for (const auto& [key, name] : id2label->items()) {
    std::size_t index = names.size();
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc() || end != key.data() + key.size() || index >= names.size() ||
        named[index]) {
      throw reader.refusal("id2label",
                           "the keys \"0\" to \"" + std::to_string(names.size() - 1) + "\"",
                           "\"" + key + "\"");
    }
    // Hugging Face keeps names that are numbers; their digits name the label here.
    if (!name.is_string() && !name.is_number_integer()) {
      throw reader.mismatch("id2label." + key, "a string", name);
    }
    names[index] = name.is_string() ? name.get<std::string>() : name.dump();
    named[index] = true;
  }
  return {std::move(names), reader.file()};
}

DecisionPolicy read_decision_policy(const ConfigReader& reader, const LabelVocabulary& labels) {
  DecisionPolicy decision;
  if (const auto threshold = reader.number("threshold")) {
    decision.threshold = checked_threshold(reader, "threshold", *threshold);
  }
  if (const Json* const thresholds = reader.find("thresholds")) {
    if (!thresholds->is_object()) {
      throw reader.mismatch("thresholds", "an object {label name: threshold}", *thresholds);
    }
    decision.label_thresholds.assign(labels.size(), decision.threshold);
    const ConfigReader cuts(*thresholds, reader.file(), reader.name("thresholds"));
    for (const auto& [name, value] : thresholds->items()) {
      const std::size_t index = label_index(reader, "thresholds", name, labels);
      decision.label_thresholds[index] = checked_threshold(
          cuts, name, cuts.require(cuts.number(name), name, "a number from 0 to 1"));
    }
  }
  decision.top_k = reader.size("top_k");
  if (decision.top_k == std::size_t{0}) throw reader.refusal("top_k", "at least 1", "0");
  decision.at_least_one = reader.boolean("at_least_one").value_or(false);
  return decision;
}

}  // namespace polytag
