#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

/// Reads typed fields of a JSON object whose errors name the file and the field.
class ConfigReader {
 public:
  /// @param object  borrowed
  /// @param path    of the object in the file, as in "polytag"; empty for the root
  ConfigReader(const Json& object, std::string file, std::string path = "")
      : object_(object), file_(std::move(file)), path_(std::move(path)) {
    if (!object_.is_object()) throw mismatch("", "an object", object_);
  }

  /// The field's value, or null if it is missing or null.
  const Json* find(std::string_view key) const {
    const auto place = object_.find(key);
    return place == object_.end() || place->is_null() ? nullptr : &*place;
  }

  const Json& json() const noexcept { return object_; }

  /// The object of a field. @throws ConfigError if it is missing or another value
  ConfigReader object(std::string_view key) const {
    return {needed(key, "an object"), file_, name(key)};
  }
  /// The array of a field. @throws ConfigError if it is missing or another value
  const Json& array(std::string_view key) const {
    const Json& value = needed(key, "an array");
    if (!value.is_array()) throw mismatch(key, "an array", value);
    return value;
  }

  std::optional<std::size_t> size(std::string_view key) const {
    return read<std::size_t>(key, "a whole number of at least 0", [](const Json& value) {
      return value.is_number_unsigned() ? std::optional(value.get<std::size_t>()) : std::nullopt;
    });
  }
  std::optional<double> number(std::string_view key) const {
    return read<double>(key, "a number", [](const Json& value) {
      return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
    });
  }
  std::optional<bool> boolean(std::string_view key) const {
    return read<bool>(key, "true or false", [](const Json& value) {
      return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
    });
  }
  std::optional<std::string> string(std::string_view key) const {
    return read<std::string>(key, "a string", [](const Json& value) {
      return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
    });
  }
  std::optional<std::vector<std::string>> strings(std::string_view key) const {
    using Strings = std::vector<std::string>;
    return read<Strings>(key, "an array of strings",
                         [](const Json& value) -> std::optional<Strings> {
                           if (!value.is_array()) return std::nullopt;
                           Strings all;
                           for (const Json& one : value) {
                             if (!one.is_string()) return std::nullopt;
                             all.push_back(one.get<std::string>());
                           }
                           return all;
                         });
  }
  std::optional<std::vector<std::size_t>> sizes(std::string_view key) const {
    using Sizes = std::vector<std::size_t>;
    return read<Sizes>(key, "an array of whole numbers",
                       [](const Json& value) -> std::optional<Sizes> {
                         if (!value.is_array()) return std::nullopt;
                         Sizes all;
                         for (const Json& one : value) {
                           if (!one.is_number_unsigned()) return std::nullopt;
                           all.push_back(one.get<std::size_t>());
                         }
                         return all;
                       });
  }

  /// The field's value. @throws ConfigError if it is missing
  template <class T>
  T require(std::optional<T> value, std::string_view key, std::string_view expected) const {
    if (!value) throw ConfigError::missing(file_, name(key), expected);
    return *std::move(value);
  }

  ConfigError mismatch(std::string_view key, std::string_view expected, const Json& found) const {
    std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
    constexpr std::size_t kMost = 80;
    if (text.size() > kMost) text = text.substr(0, kMost) + "…";
    return ConfigError::mismatch(file_, name(key), expected, text);
  }
  /// The same for a value that was read and is out of its range.
  ConfigError refusal(std::string_view key, std::string_view expected,
                      std::string_view found) const {
    return ConfigError::mismatch(file_, name(key), expected, found);
  }

  const std::string& file() const noexcept { return file_; }
  std::string name(std::string_view key) const {
    if (path_.empty()) return std::string(key);
    return key.empty() ? path_ : path_ + "." + std::string(key);
  }

 private:
  const Json& needed(std::string_view key, std::string_view expected) const {
    const Json* const value = find(key);
    if (value == nullptr) throw ConfigError::missing(file_, name(key), expected);
    return *value;
  }

  template <class T, class Convert>
  std::optional<T> read(std::string_view key, std::string_view expected, Convert convert) const {
    const Json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    std::optional<T> converted = convert(*value);
    if (!converted) throw mismatch(key, expected, *value);
    return converted;
  }

  const Json& object_;
  std::string file_;
  std::string path_;
};

}  // namespace polytag
