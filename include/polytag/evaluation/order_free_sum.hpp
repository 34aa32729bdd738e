#pragma once

#include <cmath>
#include <cstdint>

namespace polytag {

/// A sum of non-negative numbers that does not depend on their order, to the last bit.
///
/// Fixed point with 64 bits before and 64 bits behind the point, so each number enters with an
/// error below 2^-64 and the sum itself rounds once, on reading.
class OrderFreeSum {
 public:
  /// @param number  0 or more, and finite
  void add(double number) noexcept {
    const double whole = std::floor(number);
    add(static_cast<std::uint64_t>(whole),
        static_cast<std::uint64_t>(std::ldexp(number - whole, 64)));
  }

  void add(const OrderFreeSum& other) noexcept { add(other.whole_, other.fraction_); }

  double value() const noexcept {
    return static_cast<double>(whole_) + std::ldexp(static_cast<double>(fraction_), -64);
  }

 private:
  void add(std::uint64_t whole, std::uint64_t fraction) noexcept {
    fraction_ += fraction;
    whole_ += whole + (fraction_ < fraction ? 1 : 0);  // the carry
  }

  std::uint64_t whole_ = 0;
  std::uint64_t fraction_ = 0;
};

}  // namespace polytag
