#include "polytag/heads/text_cnn_config.hpp"

#include <algorithm>
#include <array>

#include "heads/config_fields.hpp"

namespace polytag {

void TextCnnConfig::validate(std::string_view file) const {
  check_sizes(file, std::array{SizeField{"hidden_size", hidden_size, 1, 1 << 16},
                               SizeField{"num_labels", num_labels},
                               SizeField{"num_filters", num_filters, 1, 1 << 20}});
  if (filter_sizes.empty()) {
    throw ConfigError::mismatch(file, "filter_sizes", "at least one size", "none");
  }
  for (auto size = filter_sizes.begin(); size != filter_sizes.end(); ++size) {
    check_sizes(file, std::array{SizeField{"filter_sizes", *size, 1, 1 << 12}});
    if (std::find(filter_sizes.begin(), size, *size) != size) {
      throw ConfigError::mismatch(file, "filter_sizes", "each size once",
                                  std::to_string(*size) + " twice");
    }
  }
}

}  // namespace polytag
