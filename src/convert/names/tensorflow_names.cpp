#include "convert/names/tensorflow_names.hpp"

#include <algorithm>
#include <utility>

#include "checkpoints/training_words.hpp"

namespace polytag {

namespace {

using name_rules::Leaf;
using name_rules::Rule;

/// The direction in which rules are read.
struct Direction {
  std::string_view Rule::*from;
  std::string_view Rule::*to;
  std::string_view Leaf::*leaf_from;
  std::string_view Leaf::*leaf_to;
};
constexpr Direction kToOurs{&Rule::foreign, &Rule::ours, &Leaf::foreign, &Leaf::ours};
constexpr Direction kToForeign{&Rule::ours, &Rule::foreign, &Leaf::ours, &Leaf::foreign};

/// The digits at the beginning of a name; empty if they are not a number as checkpoints write it
/// (at most six digits, without leading zeros).
std::string_view leading_number(std::string_view name) {
  const auto* const end = std::ranges::find_if(name, [](char c) { return c < '0' || c > '9'; });
  const auto size = static_cast<std::size_t>(end - name.begin());
  const bool canonical = size == 1 || (size > 1 && size <= 6 && name[0] != '0');
  return canonical ? name.substr(0, size) : std::string_view();
}

/// The parts of a name that the wildcards of a pattern stand for.
struct Match {
  std::vector<std::string_view> numbers;
  const Leaf* leaf = nullptr;
};

std::optional<Match> match(std::string_view pattern, std::string_view name,
                           std::string_view Leaf::*leaf_name) {
  Match found;
  for (const char expected : pattern) {
    if (expected == '#') {
      const std::string_view number = leading_number(name);
      if (number.empty()) return std::nullopt;
      found.numbers.push_back(number);
      name.remove_prefix(number.size());
    } else if (expected == '@' || expected == '~') {
      const auto& leaves = expected == '@' ? name_rules::kLinear : name_rules::kLayerNorm;
      const auto* const leaf = std::ranges::find(leaves, name, leaf_name);
      if (leaf == leaves.end()) return std::nullopt;
      found.leaf = leaf;
      name = {};
    } else {
      if (!name.starts_with(expected)) return std::nullopt;
      name.remove_prefix(1);
    }
  }
  return name.empty() ? std::optional(found) : std::nullopt;
}

MappedName apply(const Rule& rule, const Match& found, const Direction& direction) {
  MappedName mapped;
  mapped.transposed = rule.transposed || (found.leaf != nullptr && found.leaf->transposed);
  std::size_t used = 0;  // of the numbers
  for (const char character : rule.*direction.to) {
    if (character == '#') {
      // Where several foreign tensors are stacked into ours, the first stands for all.
      mapped.target += used < found.numbers.size() ? found.numbers[used] : "0";
      ++used;
    } else if (character == '@' || character == '~') {
      mapped.target += found.leaf->*direction.leaf_to;
    } else {
      mapped.target += character;
    }
  }
  if (used < found.numbers.size()) mapped.part = std::stoul(std::string(found.numbers[used]));
  return mapped;
}

std::optional<MappedName> translate(std::span<const Rule> rules, std::string_view name,
                                    const Direction& direction) {
  for (const Rule& rule : rules) {
    if (const auto found = match(rule.*direction.from, name, direction.leaf_from)) {
      return apply(rule, *found, direction);
    }
  }
  return std::nullopt;
}

}  // namespace

TensorFlowNames::TensorFlowNames(const WeightSource& source, std::string scope,
                                 std::span<const Rule> heads)
    : scope_(std::move(scope)), heads_(heads.begin(), heads.end()) {
  heads_.insert(heads_.end(), name_rules::kGoogleHeads.begin(), name_rules::kGoogleHeads.end());
  const std::string albert = scope_ + "encoder/transformer/";
  is_albert_ = std::ranges::any_of(source.tensors(), [&](const StoredTensor& tensor) {
    return tensor.name.starts_with(albert);
  });
}

std::vector<std::string> TensorFlowNames::scopes(const WeightSource& source) {
  constexpr std::string_view kFirst = "/embeddings/word_embeddings";
  std::vector<std::string> found;
  for (const StoredTensor& tensor : source.tensors()) {
    if (!tensor.name.ends_with(kFirst) || names_moving_average(tensor.name)) continue;
    found.push_back(tensor.name.substr(0, tensor.name.size() - kFirst.size() + 1));
  }
  return found;
}

std::span<const Rule> TensorFlowNames::encoder_rules() const {
  if (is_albert_) return name_rules::kAlbert;
  return name_rules::kBert;
}

MappedName TensorFlowNames::map(std::string_view name) const {
  MappedName same;
  if (name.starts_with(name_rules::kTensorFlowPretraining)) {
    same.left_out = name_rules::kPretraining;
    return same;
  }
  if (name.starts_with(scope_)) {
    if (auto mapped = translate(encoder_rules(), name.substr(scope_.size()), kToOurs)) {
      mapped->target = std::string(model_type()).append(".").append(mapped->target);
      return *std::move(mapped);
    }
  } else if (auto mapped = translate(heads_, name, kToOurs)) {
    return *std::move(mapped);
  }
  same.target = name;
  return same;
}

std::string TensorFlowNames::original_name(std::string_view ours) const {
  const std::string encoder = std::string(model_type()).append(".");
  if (!ours.starts_with(encoder)) {
    if (const auto mapped = translate(heads_, ours, kToForeign)) return mapped->target;
  } else if (const auto mapped =
                 translate(encoder_rules(), ours.substr(encoder.size()), kToForeign)) {
    return std::string(scope_).append(mapped->target);
  }
  return std::string(ours);
}

std::string TensorFlowNames::description() const {
  return std::string("TensorFlow's ")
      .append(is_albert_ ? "ALBERT" : "BERT")
      .append(" in scope ")
      .append(scope_);
}

}  // namespace polytag
