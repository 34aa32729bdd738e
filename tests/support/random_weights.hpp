#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "polytag/weights/weight_source.hpp"

namespace polytag::test {

/// Weights for any list of parameters: small normal numbers, layer-norm weights around 1.
/// The same seed gives the same weights.
inline WeightSource random_weights(std::span<const ParameterSpec> parameters,
                                   std::uint32_t seed = 1) {
  std::mt19937 generator(seed);
  const auto normal = [&](double deviation) {
    // The sum of uniform numbers: std::normal_distribution differs between standard libraries.
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(generator()) / 4294967296.0;
    return static_cast<float>(sum * deviation);
  };
  std::size_t total = 0;
  for (const auto& parameter : parameters) total += element_count(parameter.shape);
  const auto storage = std::make_shared<std::vector<float>>(total);
  std::vector<StoredTensor> tensors;
  std::size_t offset = 0;
  for (const auto& parameter : parameters) {
    const std::size_t count = element_count(parameter.shape);
    const bool scale = parameter.shape.size() == 1 && parameter.name.ends_with("weight");
    for (std::size_t i = 0; i < count; ++i)
      (*storage)[offset + i] = normal(0.1) + (scale ? 1.0F : 0.0F);
    tensors.push_back({parameter.name,
                       ElementType::kFloat32,
                       parameter.shape,
                       {std::as_bytes(std::span(*storage).subspan(offset, count)), storage},
                       "random"});
    offset += count;
  }
  return {"random", std::move(tensors)};
}

}  // namespace polytag::test
