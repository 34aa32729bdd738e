#include "polytag/training/parameter_store.hpp"

#include <algorithm>

namespace polytag::training {

namespace {

AlignedBuffer<float> zeros(std::size_t size) {
  AlignedBuffer<float> buffer(size);
  std::ranges::fill(buffer.span(), 0.0F);
  return buffer;
}

}  // namespace

ParameterStore::ParameterStore(const ParameterList& parameters)
    : layout_(parameters),
      weights_(zeros(layout_.size())),
      gradients_(zeros(layout_.size())),
      first_moments_(zeros(layout_.size())),
      second_moments_(zeros(layout_.size())) {}

ParameterStore::ParameterStore(const ParameterList& parameters, const WeightSource& weights)
    : ParameterStore(parameters) {
  read(this->weights(), weights);
}

WeightSource ParameterStore::source() const {
  std::vector<StoredTensor> stored;
  for (const ParameterPlace& place : layout_.places()) {
    stored.push_back({place.name, ElementType::kFloat32, place.shape,
                      StoredBytes(std::as_bytes(of(place, weights()))), "weights in training"});
  }
  return {"weights in training", std::move(stored)};
}

std::vector<TensorToWrite> ParameterStore::tensors(std::span<const float> buffer,
                                                   std::string_view prefix) const {
  std::vector<TensorToWrite> tensors;
  for (const ParameterPlace& place : layout_.places()) {
    tensors.push_back({std::string(prefix) + place.name, ElementType::kFloat32, place.shape,
                       StoredBytes(std::as_bytes(of(place, buffer)))});
  }
  return tensors;
}

void ParameterStore::read(std::span<float> buffer, const WeightSource& source,
                          std::string_view prefix) const {
  for (const ParameterPlace& place : layout_.places()) {
    source.read({std::string(prefix) + place.name, place.shape, place.traits}, of(place, buffer));
  }
}

void ParameterStore::write_weights(const std::filesystem::path& file,
                                   const std::map<std::string, std::string>& metadata,
                                   const std::stop_token& stop) const {
  write_safetensors(file, tensors(weights()), metadata, stop);
}

}  // namespace polytag::training
