#pragma once

#include <cstddef>
#include <string>

#include "files/json.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The head whose tensors a checkpoint holds, and what their shapes say of it.
struct RecognisedHead {
  std::string name;              ///< as in `polytag.head`; empty for an encoder alone
  std::size_t num_labels = 0;    ///< by the last layer
  Json fields = Json::object();  ///< of `polytag`
};

/// @param weights  under our names
/// @throws ShapeError if the tensors have too few dimensions to tell the head's sizes
RecognisedHead recognise_head(const WeightSource& weights);

}  // namespace polytag
