#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/weights/parameter_layout.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag::training {

/// The weights of a model in training with their gradients and Adam's two moments: four flat
/// buffers of one layout, where the gaps between parameters are zeros. Moves only. Not thread-safe
/// while something writes to it.
class POLYTAG_EXPORT ParameterStore {
 public:
  /// Everything is zero.
  explicit ParameterStore(const ParameterList& parameters);
  /// Begins at stored weights; gradients and moments are zero.
  /// @throws ShapeError, FormatError, IoError as WeightSource::read() does
  ParameterStore(const ParameterList& parameters, const WeightSource& weights);

  const ParameterLayout& layout() const noexcept { return layout_; }

  std::span<float> weights() noexcept { return weights_.span(); }
  std::span<const float> weights() const noexcept { return weights_.span(); }
  std::span<float> gradients() noexcept { return gradients_.span(); }
  std::span<const float> gradients() const noexcept { return gradients_.span(); }
  std::span<float> first_moments() noexcept { return first_moments_.span(); }
  std::span<const float> first_moments() const noexcept { return first_moments_.span(); }
  std::span<float> second_moments() noexcept { return second_moments_.span(); }
  std::span<const float> second_moments() const noexcept { return second_moments_.span(); }

  /// The elements of one parameter in one of the buffers.
  static std::span<float> of(const ParameterPlace& place, std::span<float> buffer) {
    return buffer.subspan(place.offset, place.count);
  }
  static std::span<const float> of(const ParameterPlace& place, std::span<const float> buffer) {
    return buffer.subspan(place.offset, place.count);
  }

  /// The weights as layers are built from them, without a copy: a model that is built from this
  /// computes, to the bit, what one that is loaded from the saved weights does. Borrows the store's
  /// memory, which stays where it is when the store is moved.
  WeightSource source() const;

  /// A buffer of the layout as tensors for write_safetensors(). Borrows both.
  /// @param prefix  goes before each name, as in "exp_avg."
  std::vector<TensorToWrite> tensors(std::span<const float> buffer,
                                     std::string_view prefix = {}) const;
  /// Fills a buffer of the layout from such tensors.
  /// @throws ShapeError, FormatError, IoError as WeightSource::read() does
  void read(std::span<float> buffer, const WeightSource& source,
            std::string_view prefix = {}) const;

  /// Writes the weights as a safetensors file. @throws as write_safetensors() does
  void write_weights(const std::filesystem::path& file,
                     const std::map<std::string, std::string>& metadata,
                     const std::stop_token& stop = {}) const;

 private:
  ParameterLayout layout_;
  AlignedBuffer<float> weights_;
  AlignedBuffer<float> gradients_;
  AlignedBuffer<float> first_moments_;
  AlignedBuffer<float> second_moments_;
};

}  // namespace polytag::training
