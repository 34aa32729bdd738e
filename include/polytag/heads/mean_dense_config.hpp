#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/heads/label_activation.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// A dense layer as sentence-transformers keeps it in a folder of its own, as in "2_Dense".
struct DenseModule {
  std::string name;
  std::size_t in_features = 0;
  std::size_t out_features = 0;
  bool has_bias = true;
  Activation activation = Activation::kNone;  ///< of the last one: the head's activation follows
};

struct POLYTAG_EXPORT MeanDenseConfig {
  static constexpr std::string_view kName = "mean_dense";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::vector<DenseModule> modules;  ///< the last one has a logit for each label
  LabelActivation activation = LabelActivation::kSigmoid;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
