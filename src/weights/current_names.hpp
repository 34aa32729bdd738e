#pragma once

#include <string>
#include <string_view>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The name that Hugging Face gives a tensor today. Until 2019 the parameters of a layer norm were
/// called gamma and beta, as in TensorFlow; transformers renames them when it loads a checkpoint.
std::string current_name(std::string_view name);

/// The same tensors under their current names.
/// @throws FormatError if that gives two tensors one name
WeightSource with_current_names(WeightSource weights);

}  // namespace polytag
