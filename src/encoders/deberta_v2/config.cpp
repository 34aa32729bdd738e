#include "polytag/encoders/deberta_v2/config.hpp"

#include <string>

#include "polytag/error.hpp"

namespace polytag {

void DebertaV2Config::validate(std::string_view file) const {
  bert.validate(file);
  const auto refuse = [&](std::string_view field, const std::string& expected, std::size_t found) {
    throw ConfigError::mismatch(file, field, expected, std::to_string(found));
  };
  constexpr std::size_t kFarthest = std::size_t{1} << 20;
  if (relative_attention && (max_relative_positions < 1 || max_relative_positions > kFarthest)) {
    refuse("max_relative_positions", "a whole number from 1 to " + std::to_string(kFarthest),
           max_relative_positions);
  }
  // Beyond half the buckets, their widths grow up to the farthest distance.
  if (relative_attention && position_buckets != 0 &&
      (position_buckets % 2 != 0 || position_buckets / 2 + 1 >= max_relative_positions)) {
    refuse("position_buckets",
           "an even number below twice the relative positions (" +
               std::to_string(max_relative_positions) + "), or none",
           position_buckets);
  }
  constexpr std::size_t kWidest = 63;
  if (conv_kernel_size != 0 && (conv_kernel_size > kWidest || conv_kernel_size % 2 == 0)) {
    refuse("conv_kernel_size", "0 or an odd number up to " + std::to_string(kWidest),
           conv_kernel_size);
  }
  if (conv_groups == 0 || bert.hidden_size % conv_groups != 0) {
    refuse("conv_groups", "a divisor of hidden_size (" + std::to_string(bert.hidden_size) + ")",
           conv_groups);
  }
}

}  // namespace polytag
