#include "cli/threshold_config.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;

// The double with the float's shortest digits: 0.3, not 0.30000001192092896.
double as_written(float number) {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  double value = 0;
  std::from_chars(digits, end, value);
  return value;
}

}  // namespace

std::string with_thresholds(std::string_view config, std::string_view file,
                            const StoredThresholds& thresholds) {
  const Json checked = parse_json(config, file);  // refuses what the order-keeping parser takes
  if (!checked.is_object()) {
    throw FormatError::mismatch(file, "JSON", "an object", checked.type_name());
  }
  OrderedJson json = OrderedJson::parse(config.begin(), config.end());
  OrderedJson& polytag = json["polytag"];
  if (polytag.is_null()) polytag = OrderedJson::object();
  if (!polytag.is_object()) {
    throw ConfigError::mismatch(file, "polytag", "an object", polytag.type_name());
  }
  polytag["threshold"] = as_written(thresholds.shared);
  polytag["thresholds"] = OrderedJson::object();
  for (const auto& [name, threshold] : thresholds.labels) {
    polytag["thresholds"][name] = as_written(threshold);
  }
  return json.dump(2) + '\n';
}

}  // namespace polytag::cli
