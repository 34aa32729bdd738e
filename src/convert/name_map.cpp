#include "convert/name_map.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "convert/name_rules.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using name_rules::Leaf;
using name_rules::Rule;

/// Which way rules are read.
struct Direction {
  std::string_view Rule::*from;
  std::string_view Rule::*to;
  std::string_view Leaf::*leaf_from;
  std::string_view Leaf::*leaf_to;
};
constexpr Direction kToOurs{&Rule::foreign, &Rule::ours, &Leaf::foreign, &Leaf::ours};
constexpr Direction kToForeign{&Rule::ours, &Rule::foreign, &Leaf::ours, &Leaf::foreign};

/// The number at the beginning of a name as it is written; empty if there is none that a checkpoint
/// would have.
std::string_view leading_number(std::string_view name) {
  const auto* const end = std::ranges::find_if(name, [](char c) { return c < '0' || c > '9'; });
  const auto size = static_cast<std::size_t>(end - name.begin());
  const bool canonical = size == 1 || (size > 1 && size <= 6 && name[0] != '0');
  return canonical ? name.substr(0, size) : std::string_view();
}

/// What the wildcards of a pattern stand for in a name.
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
      // Ours may stand for several foreign ones, of which there is a first.
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

bool starts_with_any(std::string_view name, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Why a variable of training is left out; empty for those of the model.
std::string_view reason_to_leave_out(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('/') + 1);
  const auto* const left_over =
      std::ranges::find(name_rules::kLeftOvers, last, &name_rules::LeftOver::name);
  if (left_over != name_rules::kLeftOvers.end()) return left_over->reason;
  if (name.starts_with(name_rules::kTensorFlowPretraining)) return name_rules::kPretraining;
  return {};
}

std::string modern(std::string_view name) {
  if (name.starts_with(name_rules::kWrapper)) name.remove_prefix(name_rules::kWrapper.size());
  for (const auto& [before, now] : name_rules::kRenamed) {
    if (name.ends_with(before)) {
      return std::string(name.substr(0, name.size() - before.size())).append(now);
    }
  }
  return std::string(name);
}

MappedName left_out(std::string_view reason) {
  MappedName mapped;
  mapped.left_out = reason;
  return mapped;
}

MappedName renamed(std::string target) {
  MappedName mapped;
  mapped.target = std::move(target);
  return mapped;
}

}  // namespace

NameMap::NameMap(const WeightSource& source) {
  constexpr std::string_view kFirst = "embeddings/word_embeddings";
  std::size_t encoders = 0;
  bool is_albert = false;
  for (const StoredTensor& tensor : source.tensors()) {
    const std::string_view name = tensor.name;
    for (const std::string_view scope : {"albert/", "bert/"}) {
      if (!name.starts_with(scope)) continue;
      const std::string_view inner = name.substr(scope.size());
      is_albert = is_albert || inner.starts_with("encoder/transformer/");
      if (inner != kFirst) continue;
      scope_ = scope;
      ++encoders;
    }
    if (name.ends_with("embeddings.word_embeddings.weight")) ++encoders;
    is_classifier_multi_label_ =
        is_classifier_multi_label_ || starts_with_any(name, name_rules::kClassifierMultiLabel);
  }
  if (encoders != 1) {
    throw FormatError::mismatch(
        source.location(), "names of tensors",
        "one encoder: bert/embeddings/word_embeddings or albert/embeddings/word_embeddings as "
        "TensorFlow's graphs have it, or …embeddings.word_embeddings.weight as Hugging Face does",
        encoders == 0 ? "none of them" : "several");
  }
  if (is_tensorflow()) model_type_ = is_albert ? "albert" : "bert";
  is_classifier_multi_label_ = is_classifier_multi_label_ && is_tensorflow();
}

std::span<const name_rules::Rule> NameMap::encoder_rules() const {
  if (model_type_ == "albert") return name_rules::kAlbert;
  return name_rules::kBert;
}

MappedName NameMap::map(std::string_view name) const {
  if (!is_tensorflow()) {
    std::string target = modern(name);
    const bool unused = starts_with_any(target, name_rules::kHuggingFacePretraining);
    return unused ? left_out(name_rules::kPretraining) : renamed(std::move(target));
  }
  if (const std::string_view reason = reason_to_leave_out(name); !reason.empty()) {
    return left_out(reason);
  }
  if (name.starts_with(scope_)) {
    if (auto mapped = translate(encoder_rules(), name.substr(scope_.size()), kToOurs)) {
      mapped->target = std::string(model_type_).append(".").append(mapped->target);
      return *std::move(mapped);
    }
  } else if (auto mapped = translate(name_rules::kHeads, name, kToOurs)) {
    return *std::move(mapped);
  }
  return renamed(std::string(name));
}

std::string NameMap::original_name(std::string_view ours) const {
  if (is_tensorflow()) {
    const std::string encoder = std::string(model_type_).append(".");
    if (!ours.starts_with(encoder)) {
      if (const auto mapped = translate(name_rules::kHeads, ours, kToForeign))
        return mapped->target;
    } else if (const auto mapped =
                   translate(encoder_rules(), ours.substr(encoder.size()), kToForeign)) {
      return std::string(scope_).append(mapped->target);
    }
  }
  return std::string(ours);
}

std::string NameMap::description() const {
  if (!is_tensorflow()) return "Hugging Face's names";
  return std::string("TensorFlow's ")
      .append(model_type_ == "albert" ? "ALBERT" : "BERT")
      .append(" in scope ")
      .append(scope_);
}

}  // namespace polytag
