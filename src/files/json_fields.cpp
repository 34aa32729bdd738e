#include "files/json_fields.hpp"

#include <utility>

namespace polytag {
namespace {

template <class T, class Convert>
std::optional<T> read(const ConfigReader& reader, std::string_view key, std::string_view expected,
                      Convert convert) {
  const Json* const value = reader.find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<T> converted = convert(*value);
  if (!converted) throw reader.mismatch(key, expected, *value);
  return converted;
}

/// All elements of an array, or nothing where the value is none or `is` refuses one of them.
template <class T>
std::optional<std::vector<T>> elements(const Json& value, bool (*is)(const Json&)) {
  if (!value.is_array()) return std::nullopt;
  std::vector<T> all;
  for (const Json& one : value) {
    if (!is(one)) return std::nullopt;
    all.push_back(one.get<T>());
  }
  return all;
}

}  // namespace

ConfigReader::ConfigReader(const Json& object, std::string file, std::string path)
    : object_(object), file_(std::move(file)), path_(std::move(path)) {
  if (!object_.is_object()) throw mismatch("", "an object", object_);
}

const Json* ConfigReader::find(std::string_view key) const {
  const auto place = object_.find(key);
  return place == object_.end() || place->is_null() ? nullptr : &*place;
}

const Json& ConfigReader::needed(std::string_view key, std::string_view expected) const {
  const Json* const value = find(key);
  if (value == nullptr) throw ConfigError::missing(file_, name(key), expected);
  return *value;
}

ConfigReader ConfigReader::object(std::string_view key) const {
  return {needed(key, "an object"), file_, name(key)};
}

const Json& ConfigReader::array(std::string_view key) const {
  const Json& value = needed(key, "an array");
  if (!value.is_array()) throw mismatch(key, "an array", value);
  return value;
}

std::optional<std::size_t> ConfigReader::size(std::string_view key) const {
  return read<std::size_t>(*this, key, "a whole number of at least 0", [](const Json& value) {
    return value.is_number_unsigned() ? std::optional(value.get<std::size_t>()) : std::nullopt;
  });
}

std::optional<double> ConfigReader::number(std::string_view key) const {
  return read<double>(*this, key, "a number", [](const Json& value) {
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
  });
}

std::optional<bool> ConfigReader::boolean(std::string_view key) const {
  return read<bool>(*this, key, "true or false", [](const Json& value) {
    return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
  });
}

std::optional<std::string> ConfigReader::string(std::string_view key) const {
  return read<std::string>(*this, key, "a string", [](const Json& value) {
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
  });
}

std::optional<std::vector<std::string>> ConfigReader::strings(std::string_view key) const {
  return read<std::vector<std::string>>(*this, key, "an array of strings", [](const Json& value) {
    return elements<std::string>(value, [](const Json& one) { return one.is_string(); });
  });
}

std::optional<std::vector<std::size_t>> ConfigReader::sizes(std::string_view key) const {
  return read<std::vector<std::size_t>>(
      *this, key, "an array of whole numbers", [](const Json& value) {
        return elements<std::size_t>(value,
                                     [](const Json& one) { return one.is_number_unsigned(); });
      });
}

ConfigError ConfigReader::mismatch(std::string_view key, std::string_view expected,
                                   const Json& found) const {
  std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kMost = 80;
  if (text.size() > kMost) text = text.substr(0, kMost) + "…";
  return ConfigError::mismatch(file_, name(key), expected, text);
}

ConfigError ConfigReader::refusal(std::string_view key, std::string_view expected,
                                  std::string_view found) const {
  return ConfigError::mismatch(file_, name(key), expected, found);
}

std::string ConfigReader::name(std::string_view key) const {
  if (path_.empty()) return std::string(key);
  return key.empty() ? path_ : path_ + "." + std::string(key);
}

}  // namespace polytag
