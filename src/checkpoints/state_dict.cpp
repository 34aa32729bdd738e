#include "checkpoints/state_dict.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "checkpoints/training_words.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The keys under which training programs save the state dict, the commonest first.
constexpr std::array<std::string_view, 13> kStateDictKeys{
    "state_dict", "model_state_dict", "model_state",    "model",      "module",
    "net",        "network",          "net_state_dict", "model_dict", "model_weights",
    "weights",    "params",           "parameters"};

/// Parts of keys under which nothing of the model lies.
constexpr std::array<std::string_view, 7> kTrainingKeys{"optim", "sched", "scaler", "callback",
                                                        "loop",  "rng",   "grad"};

bool is_of_training(std::string_view key) {
  return names_moving_average(key) ||
         std::ranges::any_of(kTrainingKeys, [&](std::string_view part) {
           return key.find(part) != std::string_view::npos;
         });
}

class Finder {
 public:
  Finder(const Pickled& pickled, std::string_view file, std::string_view object,
         std::size_t most_name_bytes)
      : pickled_(pickled),
        file_(file),
        object_(object),
        name_bytes_left_(most_name_bytes),
        visited_(pickled.dicts.size(), false) {}

  StateDict find() {
    std::vector<Part> parts;
    if (const auto* const dict = std::get_if<Pickled::Dict>(&pickled_.root)) {
      parts = search(dict->index, 0);
    }
    if (parts.empty()) {
      throw FormatError::mismatch(
          file_, object_,
          "a dict of tensors, alone or under a key like \"state_dict\" or \"model\"",
          what_is_there());
    }
    StateDict found;
    for (const Part& part : parts) read(part, found);
    for (const std::string_view key : beside_) {
      found.unread.push_back({joined("", key), "stands beside the state dict"});
    }
    return found;
  }

 private:
  /// A dict of tensors and what its names begin with.
  struct Part {
    std::string prefix;
    std::size_t dict;
  };

  static constexpr std::size_t kMostLevels = 4;

  const Pickled::Items& items_of(std::size_t dict) const { return pickled_.dicts[dict]; }
  const PickledTensor* tensor_of(const Pickled::Item& item) const {
    const auto* const tensor = std::get_if<Pickled::Tensor>(&item.second);
    const bool named = std::holds_alternative<std::string_view>(item.first);
    return tensor == nullptr || !named ? nullptr : &pickled_.tensors[tensor->index];
  }

  /// The value under a key; of several, the last, as in Python.
  const Pickled::Value* value_of(std::size_t dict, std::string_view key) const {
    const Pickled::Value* found = nullptr;
    for (const auto& [name, value] : items_of(dict)) {
      const auto* const text = std::get_if<std::string_view>(&name);
      if (text != nullptr && *text == key) found = &value;
    }
    return found;
  }

  std::vector<Part> search(std::size_t dict, std::size_t level);
  std::vector<Part> search_parts(std::size_t dict, std::size_t level);
  void read(const Part& part, StateDict& found);
  std::string joined(std::string_view prefix, std::string_view name);
  std::string what_is_there() const;

  /// Remembers the keys of a dict that the state dict was not found under.
  template <class IsUsed>
  void note_others(std::size_t dict, IsUsed is_used) {
    std::set<std::string_view> keys;
    for (const auto& [key, value] : items_of(dict)) {
      const auto* const text = std::get_if<std::string_view>(&key);
      if (text != nullptr && !is_used(*text) && keys.insert(*text).second) {
        beside_.push_back(*text);
      }
    }
  }

  const Pickled& pickled_;
  std::string_view file_;
  std::string_view object_;
  std::size_t name_bytes_left_;
  std::vector<bool> visited_;  // by dict, so that dicts within each other take no longer than one
  std::vector<std::string_view> beside_;
};

std::vector<Finder::Part> Finder::search(std::size_t dict, std::size_t level) {
  if (level == kMostLevels || visited_[dict]) return {};
  visited_[dict] = true;
  for (const std::string_view key : kStateDictKeys) {
    const Pickled::Value* const value = value_of(dict, key);
    const auto* const inner = value == nullptr ? nullptr : std::get_if<Pickled::Dict>(value);
    if (inner == nullptr) continue;
    auto parts = search(inner->index, level + 1);
    if (parts.empty()) continue;
    note_others(dict, [&](std::string_view other) { return other == key; });
    return parts;
  }
  // A scalar beside dicts is a loss or a step; a model has vectors and matrices.
  const auto is_vector = [&](const Pickled::Item& item) {
    const PickledTensor* const tensor = tensor_of(item);
    return tensor != nullptr && !tensor->shape.empty();
  };
  if (std::ranges::any_of(items_of(dict), is_vector)) return {{"", dict}};
  if (auto parts = search_parts(dict, level); !parts.empty()) return parts;
  const auto is_tensor = [&](const Pickled::Item& item) { return tensor_of(item) != nullptr; };
  if (std::ranges::any_of(items_of(dict), is_tensor)) return {{"", dict}};
  return {};
}

/// The state dicts under keys that nobody but the program knows: {"bert": …, "classifier": …}.
std::vector<Finder::Part> Finder::search_parts(std::size_t dict, std::size_t level) {
  std::vector<Part> parts;
  std::set<std::string_view> used;
  for (const auto& [key, value] : items_of(dict)) {
    const auto* const name = std::get_if<std::string_view>(&key);
    const auto* const inner = std::get_if<Pickled::Dict>(&value);
    if (name == nullptr || inner == nullptr || is_of_training(*name)) continue;
    for (Part& part : search(inner->index, level + 1)) {
      parts.push_back({joined(joined(*name, "."), part.prefix), part.dict});
      used.insert(*name);
    }
  }
  if (!parts.empty()) {
    note_others(dict, [&](std::string_view other) { return used.contains(other); });
  }
  return parts;
}

std::string Finder::joined(std::string_view prefix, std::string_view name) {
  if (prefix.size() + name.size() > name_bytes_left_) {
    throw FormatError::mismatch(file_, object_,
                                "names that are together at most 16 times as long as the file",
                                "longer ones");
  }
  name_bytes_left_ -= prefix.size() + name.size();
  return std::string(prefix).append(name);
}

void Finder::read(const Part& part, StateDict& found) {
  std::set<std::string_view> names;
  for (const auto& [key, value] : items_of(part.dict)) {
    const auto* const text = std::get_if<std::string_view>(&key);
    if (text == nullptr) continue;
    const auto* const tensor = std::get_if<Pickled::Tensor>(&value);
    const bool is_new = names.insert(*text).second;
    if (tensor == nullptr) {
      if (!is_new) continue;
      const auto* const object = std::get_if<Pickled::Object>(&value);
      found.unread.push_back(
          {joined(part.prefix, *text),
           object == nullptr ? "is no tensor" : "is of " + pickled_.name_of(*object)});
      continue;
    }
    if (!is_new) {
      throw FormatError::mismatch(file_, "tensor \"" + joined(part.prefix, *text) + "\"",
                                  "one definition", "several");
    }
    found.tensors.push_back({joined(part.prefix, *text), tensor->index});
  }
}

/// Names the object that stands in place of a state dict, for messages.
std::string Finder::what_is_there() const {
  const auto* object = std::get_if<Pickled::Object>(&pickled_.root);
  if (const auto* const dict = std::get_if<Pickled::Dict>(&pickled_.root)) {
    for (const std::string_view key : kStateDictKeys) {
      const Pickled::Value* const value = value_of(dict->index, key);
      if (object == nullptr && value != nullptr) object = std::get_if<Pickled::Object>(value);
    }
  }
  if (object == nullptr) return "none";
  return "\"" + pickled_.name_of(*object) +
         "\"; save the state dict alone (torch.save(model.state_dict(), …))";
}

}  // namespace

StateDict find_state_dict(const Pickled& pickled, std::string_view file, std::string_view object,
                          std::size_t most_name_bytes) {
  return Finder(pickled, file, object, most_name_bytes).find();
}

}  // namespace polytag
