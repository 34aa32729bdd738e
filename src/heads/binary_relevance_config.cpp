#include "polytag/heads/binary_relevance_config.hpp"

#include <array>

#include "heads/config_fields.hpp"

namespace polytag {

void BinaryRelevanceConfig::validate(std::string_view file) const {
  check_sizes(file, std::array{SizeField{"hidden_size", hidden_size, 1, 1 << 16},
                               SizeField{"num_labels", num_labels}});
}

}  // namespace polytag
