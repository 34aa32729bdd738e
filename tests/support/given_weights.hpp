#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "polytag/weights/parameter_list.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag::test {

/// Values for every parameter of a list, in its order, one after the other.
/// @param values  as many as all parameters have elements
inline WeightSource given_weights(const ParameterList& list, std::vector<float> values) {
  const auto storage = std::make_shared<const std::vector<float>>(std::move(values));
  std::span<const float> rest(*storage);
  std::vector<StoredTensor> tensors;
  for (const ParameterSpec& spec : list.specs()) {
    const std::size_t count = element_count(spec.shape);
    tensors.push_back({spec.name, ElementType::kFloat32, spec.shape,
                       StoredBytes(std::as_bytes(rest.first(count)), storage), "given"});
    rest = rest.subspan(count);
  }
  return {"given", std::move(tensors)};
}

}  // namespace polytag::test
