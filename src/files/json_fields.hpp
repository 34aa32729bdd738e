#pragma once

#include <cstddef>
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
  ConfigReader(const Json& object, std::string file, std::string path = "");

  /// The field's value, or null if it is missing or null.
  const Json* find(std::string_view key) const;

  const Json& json() const noexcept { return object_; }

  /// The object of a field. @throws ConfigError if it is missing or another value
  ConfigReader object(std::string_view key) const;
  /// The array of a field. @throws ConfigError if it is missing or another value
  const Json& array(std::string_view key) const;

  std::optional<std::size_t> size(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> string(std::string_view key) const;
  std::optional<std::vector<std::string>> strings(std::string_view key) const;
  std::optional<std::vector<std::size_t>> sizes(std::string_view key) const;

  /// The field's value. @throws ConfigError if it is missing
  template <class T>
  T require(std::optional<T> value, std::string_view key, std::string_view expected) const {
    if (!value) throw ConfigError::missing(file_, name(key), expected);
    return *std::move(value);
  }

  ConfigError mismatch(std::string_view key, std::string_view expected, const Json& found) const;
  /// The same for a value that was read and is out of its range.
  ConfigError refusal(std::string_view key, std::string_view expected,
                      std::string_view found) const;

  const std::string& file() const noexcept { return file_; }
  std::string name(std::string_view key) const;

 private:
  const Json& needed(std::string_view key, std::string_view expected) const;

  const Json& object_;
  std::string file_;
  std::string path_;
};

}  // namespace polytag
