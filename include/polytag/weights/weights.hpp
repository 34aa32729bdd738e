#pragma once

#include <span>

#include "polytag/core/tensor.hpp"
#include "polytag/weights/parameter_list.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The stored values of declared parameters, from which layers are built. Borrows both.
class Weights {
 public:
  Weights(const ParameterList& parameters, const WeightSource& source)
      : parameters_(parameters), source_(source) {}

  const ParameterSpec& spec(ParameterId id) const { return parameters_[id]; }
  const WeightSource& source() const noexcept { return source_; }

  /// A parameter as it lies in its file. @throws ShapeError, FormatError as WeightSource::at() does
  const StoredTensor& stored(ParameterId id) const {
    return source_.at(spec(id).name, spec(id).shape);
  }
  /// A parameter as float32. @throws as WeightSource::read() does
  Tensor read(ParameterId id) const { return source_.read(spec(id)); }
  /// The same into memory that is there. @param out  as many elements as the shape has
  void read(ParameterId id, std::span<float> out) const { source_.read(spec(id), out); }

 private:
  const ParameterList& parameters_;
  const WeightSource& source_;
};

}  // namespace polytag
