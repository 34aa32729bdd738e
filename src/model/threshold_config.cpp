#include "model/threshold_config.hpp"

#include <nlohmann/json.hpp>

#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

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

}  // namespace polytag
