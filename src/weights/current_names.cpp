#include "weights/current_names.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace polytag {

namespace {

constexpr std::array kRenamed{
    std::pair<std::string_view, std::string_view>{"LayerNorm.gamma", "LayerNorm.weight"},
    std::pair<std::string_view, std::string_view>{"LayerNorm.beta", "LayerNorm.bias"}};

}  // namespace

std::string current_name(std::string_view name) {
  for (const auto& [before, now] : kRenamed) {
    if (!name.ends_with(before)) continue;
    return std::string(name.substr(0, name.size() - before.size())).append(now);
  }
  return std::string(name);
}

WeightSource with_current_names(WeightSource weights) {
  const auto is_old = [](const StoredTensor& tensor) {
    return std::ranges::any_of(
        kRenamed, [&](const auto& names) { return tensor.name.ends_with(names.first); });
  };
  if (std::ranges::none_of(weights.tensors(), is_old)) return weights;
  std::vector<StoredTensor> tensors(weights.tensors().begin(), weights.tensors().end());
  for (StoredTensor& tensor : tensors) tensor.name = current_name(tensor.name);
  return {weights.location(), std::move(tensors)};
}

}  // namespace polytag
