#pragma once

#include <cstddef>
#include <string_view>

#include "polytag/export.hpp"
#include "polytag/heads/cls_dense_config.hpp"

namespace polytag {

struct POLYTAG_EXPORT BinaryRelevanceConfig {
  static constexpr std::string_view kName = "binary_relevance";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  ClsTransform transform;
  /// Whether LabelActivation::kArgmaxOfPairSigmoids decides, as in the original.
  bool argmax_of_sigmoids = false;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
