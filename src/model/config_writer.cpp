#include "model/config_writer.hpp"

#include <nlohmann/json.hpp>

#include "model/model_files.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

Json int8_numbers(std::string_view strategy, bool dynamic) {
  return {{"num_bits", 8},
          {"type", "int"},
          {"symmetric", true},
          {"strategy", strategy},
          {"dynamic", dynamic}};
}

/// Names of the modules whose matrices keep their type.
Json ignored_modules(std::span<const ParameterSpec> parameters) {
  constexpr std::string_view kWeight = ".weight";
  Json names = Json::array();
  for (const ParameterSpec& parameter : parameters) {
    const std::string_view name = parameter.name;
    if (!parameter.traits.quantized_columns.empty() || parameter.shape.size() < 2) continue;
    if (name.ends_with(kWeight)) names.push_back(name.substr(0, name.size() - kWeight.size()));
  }
  return names;
}

}  // namespace

Json with_quantization(Json config, std::span<const ParameterSpec> parameters,
                       Precision precision) {
  config.erase(std::string(quantization_words::kKey));
  if (precision == Precision::kBfloat16) {
    config.erase("torch_dtype");  // what transformers called it before version 5
    config["dtype"] = "bfloat16";
    return config;
  }
  const Json weights = int8_numbers("channel", false);
  config[std::string(quantization_words::kKey)] = {
      {"quant_method", quantization_words::kMethod},
      {"format", quantization_words::kFormat},
      {"quantization_status", "compressed"},
      {"config_groups",
       {{"group_0",
         {{"targets", {"Linear"}},
          {"weights", weights},
          {"input_activations", int8_numbers("token", true)}}},
        {"group_1", {{"targets", {"Embedding"}}, {"weights", weights}}}}},
      {"ignore", ignored_modules(parameters)}};
  return config;
}

Json with_labels(Json config, const std::vector<std::string>& labels) {
  Json id2label = Json::object();
  Json label2id = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  config["id2label"] = std::move(id2label);
  config["label2id"] = std::move(label2id);
  config.erase("num_labels");
  return config;
}

std::string with_thresholds(std::string_view config, std::string_view file,
                            const StoredThresholds& thresholds) {
  const Json checked = parse_json(config, file);  // refuses what the order-keeping parser takes
  if (!checked.is_object()) {
    throw FormatError::mismatch(file, "JSON", "an object", checked.type_name());
  }
  using OrderedJson = nlohmann::ordered_json;
  OrderedJson json = OrderedJson::parse(config.begin(), config.end());
  OrderedJson& polytag = json["polytag"];
  if (polytag.is_null()) polytag = OrderedJson::object();
  if (!polytag.is_object()) {
    throw ConfigError::mismatch(file, "polytag", "an object", polytag.type_name());
  }
  polytag["threshold"] = with_shortest_digits(thresholds.shared);
  polytag["thresholds"] = OrderedJson::object();
  for (const auto& [name, threshold] : thresholds.labels) {
    polytag["thresholds"][name] = with_shortest_digits(threshold);
  }
  return json.dump(2) + '\n';
}

void store_decision(Json& config, const DecisionPolicy& decision, const LabelVocabulary& labels) {
  Json& polytag = config["polytag"];
  polytag["threshold"] = with_shortest_digits(decision.threshold);
  Json own = Json::object();
  for (std::size_t i = 0; i < decision.label_thresholds.size(); ++i) {
    if (decision.label_thresholds[i] == decision.threshold) continue;
    own[labels.name(i)] = with_shortest_digits(decision.label_thresholds[i]);
  }
  if (!own.empty()) polytag["thresholds"] = std::move(own);
  if (decision.at_least_one) polytag["at_least_one"] = true;
}

void write_model_config(const std::filesystem::path& directory, const Json& config) {
  write_file(directory / "config.json", config.dump(2) + "\n");
}

}  // namespace polytag
