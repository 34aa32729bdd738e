#pragma once

#include <cstdint>
#include <span>

#include "polytag/evaluation/order_free_sum.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// How far scores of the same texts by two models, or by one in two precisions, lie apart. The same
/// bits in whatever order texts come. Not thread-safe.
class POLYTAG_EXPORT ScoreChanges {
 public:
  /// One text. @param before, after  [labels], finite
  /// @throws ArgumentError for two numbers of scores; nothing is counted then
  void add(std::span<const float> before, std::span<const float> after);

  std::uint64_t scores() const noexcept { return scores_; }
  /// Largest value, mean and root mean square of |after - before| over all labels of all texts; 0
  /// without texts.
  double largest() const noexcept { return largest_; }
  double mean() const noexcept;
  double root_mean_square() const noexcept;

 private:
  std::uint64_t scores_ = 0;
  double largest_ = 0;
  OrderFreeSum sum_;
  OrderFreeSum squares_;
};

}  // namespace polytag
