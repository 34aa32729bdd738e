#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "polytag/text/subword_options.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag::text {

/// Finds the ids of merges that files write as tokens.
class MergeReader {
 public:
  /// @param vocabulary  borrowed
  /// @param prefix      what tokens behind a word's first begin with
  MergeReader(const Vocabulary& vocabulary, std::string_view prefix) : prefix_(prefix) {
    ids_.reserve(vocabulary.entries().size());
    for (const auto& [token, id] : vocabulary.entries()) ids_.emplace(token, id);
  }

  /// None if one of the two or what they make is not in the vocabulary.
  std::optional<BpeMerge> find(std::string_view left, std::string_view right) {
    std::string_view rest = right;
    if (!prefix_.empty()) {
      if (rest.size() < prefix_.size()) return std::nullopt;
      rest.remove_prefix(prefix_.size());
    }
    merged_ = left;
    merged_ += rest;
    const auto first = ids_.find(left), second = ids_.find(right), both = ids_.find(merged_);
    if (first == ids_.end() || second == ids_.end() || both == ids_.end()) return std::nullopt;
    return BpeMerge{first->second, second->second, both->second};
  }

 private:
  std::unordered_map<std::string_view, std::int32_t> ids_;
  std::string prefix_;
  std::string merged_;
};

}  // namespace polytag::text
