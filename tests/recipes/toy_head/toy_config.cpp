#include "polytag/heads/toy_config.hpp"

#include <array>

#include "heads/config_fields.hpp"

namespace polytag {

void ToyConfig::validate(std::string_view file) const {
  check_sizes(file, std::array{SizeField{"hidden_size", hidden_size, 1, 1 << 16},
                               SizeField{"num_labels", num_labels}, SizeField{"row", row, 0, 1}});
}

}  // namespace polytag
