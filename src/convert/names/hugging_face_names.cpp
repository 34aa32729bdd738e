#include "convert/names/hugging_face_names.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "checkpoints/training_words.hpp"
#include "convert/names/name_rules.hpp"
#include "model/architectures.hpp"
#include "polytag/error.hpp"
#include "weights/current_names.hpp"

namespace polytag {

namespace {

/// Segments of names that stand for a wrapper around a module: of data parallelism, of
/// torch.compile, of sharding and of recomputation.
constexpr std::array<std::string_view, 4> kWrappers{
    "module.", "_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."};

constexpr std::array<std::string_view, 9> kPretrainingHeads{"cls.",
                                                            "predictions.",
                                                            "sop_classifier.",
                                                            "vocab_",
                                                            "discriminator_predictions.",
                                                            "generator_",
                                                            "lm_head.",
                                                            "lm_predictions.",
                                                            "mask_predictions."};

/// Names of the tables of words, behind the encoder's own.
constexpr std::array<std::string_view, 2> kFirst{"embeddings.word_embeddings.weight",
                                                 "embeddings.tok_embeddings.weight"};

std::string without_wrappers(std::string_view name) {
  std::string kept;
  while (!name.empty()) {
    const std::size_t size = std::min(name.find('.'), name.size() - 1) + 1;
    const std::string_view segment = name.substr(0, size);
    if (std::ranges::find(kWrappers, segment) == kWrappers.end()) kept.append(segment);
    name.remove_prefix(size);
  }
  return kept;
}

/// The prefix without its last segment: "model." for "model.bert.".
std::string_view parent_of(std::string_view prefix) {
  if (prefix.empty()) return prefix;
  const std::size_t dot = prefix.rfind('.', prefix.size() - 2);
  return prefix.substr(0, dot == std::string_view::npos || prefix.size() < 2 ? 0 : dot + 1);
}

/// The prefixes of the encoders' names, one for each encoder.
std::vector<std::string> prefixes_of(const WeightSource& source) {
  std::vector<std::string> prefixes;
  for (const StoredTensor& tensor : source.tensors()) {
    const auto first = std::ranges::find_if(
        kFirst, [&](std::string_view ending) { return tensor.name.ends_with(ending); });
    if (first == kFirst.end()) continue;
    std::string name = without_wrappers(tensor.name);
    name.resize(name.size() - first->size());
    if (name.empty() || name.ends_with('.')) prefixes.push_back(std::move(name));
  }
  // Averages of the weights beside them are not what was trained.
  if (prefixes.size() > 1) std::erase_if(prefixes, names_moving_average);
  return prefixes;
}

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text.append(text.empty() ? "\"" : ", \"").append(name).append("\"");
  }
  return text;
}

std::string only_prefix(const WeightSource& source) {
  const std::vector<std::string> prefixes = prefixes_of(source);
  if (prefixes.size() == 1) return prefixes.front();
  if (prefixes.empty()) {
    throw FormatError::mismatch(
        source.location(), "names of tensors",
        "one encoder: …/embeddings/word_embeddings as TensorFlow's graphs have it, or "
        "…embeddings.word_embeddings.weight as Hugging Face does (ConvertOptions::renames gives "
        "tensors other names)",
        "none of them");
  }
  throw FormatError::mismatch(source.location(), "names of tensors",
                              "one encoder, or which of them (ConvertOptions::encoder_prefix)",
                              "several: " + quoted(prefixes));
}

std::string given_prefix(const WeightSource& source, std::string prefix) {
  if (!prefix.empty() && !prefix.ends_with('.')) prefix += '.';
  prefix = without_wrappers(prefix);
  const bool used = std::ranges::any_of(source.tensors(), [&](const StoredTensor& tensor) {
    return without_wrappers(tensor.name).starts_with(prefix);
  });
  if (!used) {
    throw ArgumentError::mismatch("ConvertOptions::encoder_prefix",
                                  "what names of tensors in " + source.location() + " begin with",
                                  "\"" + prefix + "\"");
  }
  return prefix;
}

}  // namespace

HuggingFaceNames::HuggingFaceNames(const WeightSource& source, std::string_view model_type,
                                   const std::optional<std::string>& encoder_prefix) {
  const std::string prefix =
      encoder_prefix ? given_prefix(source, *encoder_prefix) : only_prefix(source);
  if (prefix.empty()) return;  // an encoder alone, as its class saves it
  const std::string_view outer = parent_of(prefix);
  outer_ = outer;
  encoder_ = prefix.substr(outer.size());
  const Architecture* const architecture = find_architecture(model_type);
  if (architecture != nullptr) {
    ours_ = std::string(architecture->prefix).append(".");
  } else {
    ours_ = model_type.empty() ? encoder_ : std::string(model_type).append(".");
  }
}

MappedName HuggingFaceNames::map(std::string_view name) const {
  MappedName mapped;
  std::string target = without_wrappers(name);
  if (target.starts_with(outer_)) target.erase(0, outer_.size());
  if (target.starts_with(encoder_)) target.replace(0, encoder_.size(), ours_);
  target = current_name(target);
  const bool unused = std::ranges::any_of(
      kPretrainingHeads, [&](std::string_view head) { return target.starts_with(head); });
  if (unused) {
    mapped.left_out = name_rules::kPretraining;
  } else {
    mapped.target = std::move(target);
  }
  return mapped;
}

std::string HuggingFaceNames::original_name(std::string_view ours) const {
  if (ours.starts_with(ours_) && !ours_.empty()) {
    return outer_ + encoder_ + std::string(ours.substr(ours_.size()));
  }
  return outer_ + std::string(ours);
}

std::string HuggingFaceNames::description() const {
  std::string text = "Hugging Face's names";
  if (!outer_.empty()) text.append(" behind ").append(outer_);
  if (encoder_ != ours_) text.append(", with ").append(encoder_).append(" for ").append(ours_);
  return text;
}

}  // namespace polytag
