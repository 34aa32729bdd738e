#pragma once

#include <cstddef>
#include <string_view>

namespace polytag {

struct ToyConfig {
  static constexpr std::string_view kName = "toy";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  std::size_t row = 0;  ///< of a text, whose hidden state is read

  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
