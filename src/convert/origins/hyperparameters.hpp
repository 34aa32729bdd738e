#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace polytag {

/// The values of a program's hyperparameters.py, or of a hyperparameters.json, that are numbers,
/// truth values or lists of numbers. Nothing is executed: only assignments of literals are read
/// from Python.
class Hyperparameters {
 public:
  Hyperparameters() = default;
  /// @throws IoError, FormatError
  explicit Hyperparameters(const std::filesystem::path& file);

  bool contains(const std::string& name) const { return values_.contains(name); }
  /// The value, or the default if the file has none. @throws FormatError if it is of another type
  std::size_t size(const std::string& name, std::size_t otherwise) const;
  double number(const std::string& name, double otherwise) const;
  bool boolean(const std::string& name, bool otherwise) const;
  std::vector<std::size_t> sizes(const std::string& name) const;

 private:
  const std::string* find(const std::string& name) const;
  std::size_t parse_size(const std::string& name, std::string_view text) const;

  std::string file_;
  std::map<std::string, std::string> values_;  // as they are written
};

}  // namespace polytag
