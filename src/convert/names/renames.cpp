#include "convert/names/renames.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::string_view kField = "ConvertOptions::renames";

bool has_several(std::string_view text) { return std::ranges::count(text, '*') > 1; }

void check(const TensorRename& rename) {
  const bool wildcard = rename.pattern.find('*') != std::string::npos;
  const bool used = rename.name.find('*') != std::string::npos;
  if (rename.pattern.empty() || has_several(rename.pattern) || has_several(rename.name) ||
      (used && !wildcard)) {
    throw ArgumentError::mismatch(
        kField,
        "a pattern and a name, with at most one '*' each, in the name only if in the pattern",
        rename.pattern + "=" + rename.name);
  }
}

/// The parts of a name that a pattern leaves open.
struct Match {
  std::string_view wildcard;
  std::string_view rest;  // behind the pattern
};

/// A pattern matches a whole name, or the beginning of one up to a separator.
bool is_rest(std::string_view rest) {
  return rest.empty() || rest.starts_with('.') || rest.starts_with('/');
}

std::optional<Match> match(std::string_view name, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  const std::string_view before = pattern.substr(0, star);
  if (!name.starts_with(before)) return std::nullopt;
  name.remove_prefix(before.size());
  if (star == std::string_view::npos) {
    return is_rest(name) || before.ends_with('.') || before.ends_with('/')
               ? std::optional(Match{"", name})
               : std::nullopt;
  }
  const std::string_view after = pattern.substr(star + 1);
  if (after.empty()) return Match{name, ""};
  // The shortest piece that makes the rest fit.
  for (std::size_t at = name.find(after); at != std::string_view::npos;
       at = name.find(after, at + 1)) {
    const std::string_view rest = name.substr(at + after.size());
    if (is_rest(rest)) return Match{name.substr(0, at), rest};
  }
  return std::nullopt;
}

}  // namespace

std::string renamed(std::string_view name, const TensorRename& rename) {
  const auto found = match(name, rename.pattern);
  if (!found) return std::string(name);
  std::string target = rename.name;
  if (const std::size_t star = target.find('*'); star != std::string::npos) {
    target.replace(star, 1, found->wildcard);
  }
  return target.append(found->rest);
}

WeightSource rename_tensors(const WeightSource& source, std::span<const TensorRename> renames) {
  for (const TensorRename& rename : renames) check(rename);
  std::vector<bool> used(renames.size(), false);
  std::vector<StoredTensor> tensors(source.tensors().begin(), source.tensors().end());
  for (StoredTensor& tensor : tensors) {
    for (std::size_t i = 0; i < renames.size(); ++i) {
      if (!match(tensor.name, renames[i].pattern)) continue;
      tensor.name = renamed(tensor.name, renames[i]);
      used[i] = true;
      break;
    }
  }
  for (std::size_t i = 0; i < renames.size(); ++i) {
    if (used[i]) continue;
    throw ArgumentError::mismatch(
        kField, "a pattern that matches a tensor of " + source.location(),
        renames[i].pattern + "=" + renames[i].name + ", which matches none that is left");
  }
  return {source.location(), std::move(tensors)};
}

}  // namespace polytag
