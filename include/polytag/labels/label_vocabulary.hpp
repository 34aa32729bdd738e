#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "polytag/export.hpp"

namespace polytag {

/// The label names of a model, by index. Immutable; safe for concurrent use.
class POLYTAG_EXPORT LabelVocabulary {
 public:
  LabelVocabulary() = default;
  /// @param source  where the names come from, for messages
  /// @throws ConfigError if two labels share a name
  LabelVocabulary(std::vector<std::string> names, std::string_view source);

  std::size_t size() const noexcept { return names_.size(); }
  const std::string& name(std::size_t index) const { return names_.at(index); }
  const std::vector<std::string>& names() const noexcept { return names_; }
  std::optional<std::size_t> index_of(std::string_view name) const;
  /// The label with the nearest name by edit distance in bytes, for suggestions. The case of ASCII
  /// letters does not count, and ties go to the first. None if every name would have to change by
  /// more than half.
  std::optional<std::size_t> nearest(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> indices_;
};

}  // namespace polytag
