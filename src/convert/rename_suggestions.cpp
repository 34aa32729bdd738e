#include "convert/rename_suggestions.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace polytag {

namespace {

/// A linear layer from the hidden size, as PyTorch or TensorFlow stores it.
struct Layer {
  std::string name;
  const StoredTensor* weight;
  const StoredTensor* bias;  // or null
  std::size_t outputs;
};

const StoredTensor* find(std::span<const StoredTensor> tensors, std::string_view name) {
  const auto place = std::ranges::find(tensors, name, &StoredTensor::name);
  return place == tensors.end() ? nullptr : &*place;
}

std::optional<Layer> layer_of(const StoredTensor& tensor, std::span<const StoredTensor> tensors,
                              std::size_t hidden) {
  constexpr std::string_view kWeight = ".weight", kKernel = "/kernel";
  const std::string_view name = tensor.name;
  const bool kernel = name.ends_with(kKernel);
  if (tensor.shape.size() != 2 || (!kernel && !name.ends_with(kWeight))) return std::nullopt;
  if (tensor.shape[kernel ? 0 : 1] != hidden) return std::nullopt;
  const std::string layer(name.substr(0, name.size() - kWeight.size()));
  const std::size_t outputs = tensor.shape[kernel ? 1 : 0];
  const StoredTensor* bias = find(tensors, layer + (kernel ? "/bias" : ".bias"));
  if (bias != nullptr && bias->shape != Shape{outputs}) bias = nullptr;
  return Layer{layer, &tensor, bias, outputs};
}

std::string quoted(const StoredTensor& tensor) {
  return "\"" + tensor.name + "\" " + to_string(tensor.shape);
}

}  // namespace

std::string suggest_renames(std::span<const StoredTensor> tensors, const HeadSizes& sizes) {
  static_assert(std::string_view(".weight").size() == std::string_view("/kernel").size());
  std::optional<Layer> best;
  for (const StoredTensor& tensor : tensors) {
    const auto layer = layer_of(tensor, tensors, sizes.hidden);
    if (!layer || layer->outputs == sizes.hidden) continue;
    const bool fits = layer->outputs == sizes.labels;
    if (!best || (fits && best->outputs != sizes.labels)) best = layer;
  }
  if (!best) return {};
  std::string text = best->bias == nullptr ? "tensor " + quoted(*best->weight) + " looks"
                                           : "tensors " + quoted(*best->weight) + " and " +
                                                 quoted(*best->bias) + " look";
  return text + " like a classifier of " + std::to_string(best->outputs) +
         " labels: ConvertOptions::renames " + best->name + "=classifier";
}

}  // namespace polytag
