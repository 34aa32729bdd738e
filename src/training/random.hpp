#pragma once

#include <array>
#include <cstdint>

#include "polytag/kernels/dropout.hpp"

namespace polytag::training {

/// What random numbers are drawn for: each draws from a sequence of its own.
enum class RandomStream : std::uint32_t { kInitialWeights = 1, kOrder, kSplit, kLinear };

/// A random number that its place alone decides, so that a run which is resumed draws what it would
/// have drawn. The place is Philox's counter, the seed its key.
inline std::uint64_t random_number(std::uint64_t seed, RandomStream stream, std::uint32_t part,
                                   std::uint64_t index) {
  std::array<std::uint32_t, 4> words{static_cast<std::uint32_t>(index),
                                     static_cast<std::uint32_t>(index >> 32), part,
                                     static_cast<std::uint32_t>(stream)};
  philox(words, seed);
  return std::uint64_t{words[1]} << 32 | words[0];
}

/// The same as a number in (0, 1).
inline double random_fraction(std::uint64_t seed, RandomStream stream, std::uint32_t part,
                              std::uint64_t index) {
  const std::uint64_t bits = random_number(seed, stream, part, index) >> 11;
  return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

}  // namespace polytag::training
