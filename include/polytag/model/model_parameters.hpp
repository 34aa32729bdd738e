#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/weights/parameter_list.hpp"

namespace polytag {

/// Every parameter of the model that a configuration describes, the encoder's first.
/// @param encoder_prefix  see ModelDirectory
POLYTAG_EXPORT ParameterList model_parameters(const ModelConfig& config,
                                              const std::string& encoder_prefix);

/// Whether a tensor belongs to what Hugging Face models carry and classification may not read:
/// constants that old versions saved, and poolers.
POLYTAG_EXPORT bool is_unused_tensor(std::string_view name);

/// Says of a tensor's name whether it may lie unread beside the weights of a model: constants that
/// old versions saved, layers of an encoder that this model's head does not read, and whatever
/// belongs to no part of a model, such as the class weights of a loss. A name within a module of
/// the encoder or of any head is never unread. Borrows the list.
class POLYTAG_EXPORT UnreadNames {
 public:
  explicit UnreadNames(const ParameterList& parameters);
  bool operator()(std::string_view name) const;

 private:
  const ParameterList& parameters_;
  std::set<std::string_view> modules_;  // the beginnings of names up to the first dot
};

/// The names of the tensors that are left unread, as transformers reports unexpected keys.
POLYTAG_EXPORT std::vector<std::string> unread_tensors(const WeightSource& weights,
                                                       const ParameterList& parameters);

/// Checks that the weights are those of the parameters and, but for unread ones, no others.
/// @throws ShapeError as WeightSource::expect() does
POLYTAG_EXPORT void check_weights(const WeightSource& weights, const ParameterList& parameters);

}  // namespace polytag
