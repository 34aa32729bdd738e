#pragma once

#include <array>
#include <cstdint>

namespace polytag::training {

/// What random numbers are drawn for: each draws from a sequence of its own.
enum class RandomStream : std::uint32_t { kInitialWeights = 1, kOrder, kSplit, kLinear };

/// A random number that its place alone decides, so that a run which is resumed draws what it would
/// have drawn: Philox4x32-10 (Salmon et al. 2011), the place as counter, the seed as key.
inline std::uint64_t random_number(std::uint64_t seed, RandomStream stream, std::uint32_t part,
                                   std::uint64_t index) {
  std::array<std::uint32_t, 4> words{static_cast<std::uint32_t>(index),
                                     static_cast<std::uint32_t>(index >> 32), part,
                                     static_cast<std::uint32_t>(stream)};
  auto key0 = static_cast<std::uint32_t>(seed);
  auto key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * words[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * words[2];
    words = {static_cast<std::uint32_t>(b >> 32) ^ words[1] ^ key0, static_cast<std::uint32_t>(b),
             static_cast<std::uint32_t>(a >> 32) ^ words[3] ^ key1, static_cast<std::uint32_t>(a)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return std::uint64_t{words[1]} << 32 | words[0];
}

/// The same as a number in (0, 1).
inline double random_fraction(std::uint64_t seed, RandomStream stream, std::uint32_t part,
                              std::uint64_t index) {
  const std::uint64_t bits = random_number(seed, stream, part, index) >> 11;
  return (static_cast<double>(bits) + 0.5) * 0x1p-53;
}

}  // namespace polytag::training
