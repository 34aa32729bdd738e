#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/weights/weight_source.hpp"

/// Float32 tensors of a test's own: element i of the n-th has the value 1000 n + i.
class CheckpointFixture {
 public:
  CheckpointFixture& add(std::string name, polytag::Shape shape) {
    tensors_.push_back({std::move(name), std::move(shape)});
    return *this;
  }

  polytag::WeightSource source() const {
    std::vector<polytag::StoredTensor> stored;
    for (const polytag::ParameterSpec& tensor : tensors_) {
      polytag::AlignedBuffer<std::byte> bytes(polytag::element_count(tensor.shape) * sizeof(float));
      const std::span elements(reinterpret_cast<float*>(bytes.data()),
                               bytes.size() / sizeof(float));
      std::iota(elements.begin(), elements.end(), 1000.0F * static_cast<float>(stored.size()));
      stored.push_back({tensor.name, polytag::ElementType::kFloat32, tensor.shape,
                        polytag::StoredBytes(std::move(bytes)), "checkpoint"});
    }
    return {"checkpoint", std::move(stored)};
  }

 private:
  std::vector<polytag::ParameterSpec> tensors_;
};
