#include "model/quantized_config.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace polytag {

namespace {

constexpr std::string_view kKey = "quantization_config";
constexpr std::string_view kMethod = "compressed-tensors";
constexpr std::string_view kFormat = "int-quantized";

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
    if (!parameter.quantized_columns.empty() || parameter.shape.size() < 2) continue;
    if (name.ends_with(kWeight)) names.push_back(name.substr(0, name.size() - kWeight.size()));
  }
  return names;
}

}  // namespace

Json quantized_config(Json config, std::span<const ParameterSpec> parameters, Precision precision) {
  config.erase(std::string(kKey));
  if (precision == Precision::kBfloat16) {
    config.erase("torch_dtype");  // what transformers called it before version 5
    config["dtype"] = "bfloat16";
    return config;
  }
  const Json weights = int8_numbers("channel", false);
  config[std::string(kKey)] = {{"quant_method", kMethod},
                               {"format", kFormat},
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

bool reads_int8(const ConfigReader& config) {
  const Json* const object = config.find(kKey);
  if (object == nullptr) return false;
  const ConfigReader reader(*object, config.file(), std::string(kKey));
  const std::string method = reader.string("quant_method").value_or("nothing");
  const std::string format = reader.string("format").value_or("nothing");
  if (method == kMethod && format == kFormat) return true;
  throw config.refusal(kKey,
                       "the quant_method \"" + std::string(kMethod) + "\" in the format \"" +
                           std::string(kFormat) + "\", as `polytag quantize` writes it",
                       "\"" + method + "\", \"" + format + "\"");
}

}  // namespace polytag
