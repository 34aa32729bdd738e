#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/heads/label_activation.hpp"

namespace polytag {

struct POLYTAG_EXPORT TextCnnConfig {
  static constexpr std::string_view kName = "text_cnn";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::vector<std::size_t> filter_sizes;  ///< rows that a filter spans, each size once
  std::size_t num_filters = 0;            ///< of each size
  LabelActivation activation = LabelActivation::kSigmoid;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
