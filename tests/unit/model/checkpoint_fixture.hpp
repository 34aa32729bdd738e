#pragma once

#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/checkpoints/weight_source.hpp"

/// Float32 tensors of a test's own: element i of the n-th has the value 1000 n + i.
class CheckpointFixture {
 public:
  CheckpointFixture& add(std::string name, polytag::Shape shape) {
    tensors_.push_back({std::move(name), std::move(shape)});
    return *this;
  }

  polytag::WeightSource source() const {
    const auto owner = std::make_shared<std::vector<std::vector<float>>>();
    std::vector<polytag::StoredTensor> stored;
    for (const polytag::ParameterSpec& tensor : tensors_) {
      std::vector<float> elements(polytag::element_count(tensor.shape));
      std::iota(elements.begin(), elements.end(), 1000.0F * static_cast<float>(owner->size()));
      owner->push_back(std::move(elements));
      stored.push_back({tensor.name, polytag::ElementType::kFloat32, tensor.shape,
                        std::as_bytes(std::span(owner->back())), "checkpoint"});
    }
    return {"checkpoint", std::move(stored), owner};
  }

 private:
  std::vector<polytag::ParameterSpec> tensors_;
};
