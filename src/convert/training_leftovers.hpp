#pragma once

#include <map>
#include <span>
#include <string_view>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Tells what training has left in a checkpoint beside the model: optimizer states, moving
/// averages, counters, weights of the loss. It is asked only for tensors that the model does not
/// have.
class TrainingLeftovers {
 public:
  /// The arguments are borrowed and must outlive this object.
  /// @param source                the checkpoint, under its own names
  /// @param parameters           of the model, under our names
  /// @param encoder_was_chosen   whether tensors that are named like parameters, behind a prefix,
  ///                             belong to an encoder that nobody wants
  TrainingLeftovers(const WeightSource& source, std::span<const ParameterSpec> parameters,
                    bool encoder_was_chosen);

  /// Why a tensor is no part of the model; empty if nothing says so.
  std::string_view reason(const StoredTensor& tensor) const;

 private:
  std::string_view reason_beside_variable(const StoredTensor& tensor) const;

  const WeightSource& source_;
  std::map<std::string_view, const Shape*> parameters_;
  bool encoder_was_chosen_;
};

}  // namespace polytag
