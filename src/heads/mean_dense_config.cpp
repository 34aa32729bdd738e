#include "polytag/heads/mean_dense_config.hpp"

#include <array>
#include <string>

#include "heads/config_fields.hpp"
#include "polytag/error.hpp"

namespace polytag {

void MeanDenseConfig::validate(std::string_view file) const {
  check_sizes(file, std::array{SizeField{"hidden_size", hidden_size, 1, 1 << 16},
                               SizeField{"num_labels", num_labels},
                               SizeField{"dense_modules", modules.size(), 1, 16}});
  std::size_t width = hidden_size;
  for (const DenseModule& module : modules) {
    if (module.in_features != width) {
      throw ConfigError::mismatch(file, module.name + ".in_features", std::to_string(width),
                                  std::to_string(module.in_features));
    }
    check_sizes(file, std::array{SizeField{"out_features", module.out_features, 1, 1 << 20}});
    width = module.out_features;
  }
  if (width != num_labels) {
    throw ConfigError::mismatch(file, modules.back().name + ".out_features",
                                "a logit for each of " + std::to_string(num_labels) + " labels",
                                std::to_string(width));
  }
}

}  // namespace polytag
