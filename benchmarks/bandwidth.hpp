#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/core/tensor.hpp"

/// How fast this machine reads memory of a given size over and over, which tells how fast the
/// weights of a model that fills it can be streamed.
namespace polytag {

namespace bandwidth_detail {

using Words = std::span<const std::uint64_t>;

using Vector128 = std::uint64_t __attribute__((vector_size(16)));
using Vector256 = std::uint64_t __attribute__((vector_size(32)));
using Vector512 = std::uint64_t __attribute__((vector_size(64)));

/// Reads vectors that a register holds, and folds them into one word.
template <class Vector>
[[gnu::always_inline]] inline std::uint64_t fold(Words words) {
  constexpr std::size_t kWords = sizeof(Vector) / sizeof(std::uint64_t);
  constexpr std::size_t kSums = 8;  // hides the latency of an operation
  Vector sums[kSums] = {};
  for (std::size_t i = 0; i + kSums * kWords <= words.size(); i += kSums * kWords) {
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kSums; ++j) {
      Vector vector;
      __builtin_memcpy(&vector, words.data() + i + j * kWords, sizeof vector);
      sums[j] ^= vector;
    }
  }
  Vector all{};
  for (const Vector& sum : sums) all ^= sum;
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < kWords; ++i) word ^= all[i];
  return word;
}

__attribute__((noinline)) inline std::uint64_t read(Words words) { return fold<Vector128>(words); }

#if defined(__x86_64__)
__attribute__((target("avx2"), noinline)) inline std::uint64_t read_avx2(Words words) {
  return fold<Vector256>(words);
}

__attribute__((target("avx512f"), noinline)) inline std::uint64_t read_avx512(Words words) {
  return fold<Vector512>(words);
}
#endif

inline auto reader(InstructionSet instruction_set) {
#if defined(__x86_64__)
  switch (instruction_set) {
    case InstructionSet::kBaseline:
    case InstructionSet::kDotprod:
    case InstructionSet::kI8mm:
      break;
    case InstructionSet::kAvx2:
    case InstructionSet::kAvxVnni:
      return read_avx2;
    case InstructionSet::kAvx512:
    case InstructionSet::kAvx512Bf16:
    case InstructionSet::kAmx:
      return read_avx512;
  }
#endif
  static_cast<void>(instruction_set);
  return read;
}

}  // namespace bandwidth_detail

/// Bytes per second that all threads of the executor read together, each `bytes` of its own.
inline double measure_bandwidth(std::size_t bytes, InstructionSet instruction_set,
                                Executor& executor) {
  constexpr double kBytesOfARun = 1e9;
  const std::size_t threads = executor.concurrency();
  const std::size_t count = bytes / sizeof(std::uint64_t);
  const auto repeats = static_cast<std::size_t>(kBytesOfARun / static_cast<double>(bytes)) + 1;
  const auto read = bandwidth_detail::reader(instruction_set);
  std::vector<AlignedBuffer<std::uint64_t>> memory(threads);
  executor.run(threads, [&](std::size_t thread) {
    memory[thread] = AlignedBuffer<std::uint64_t>(count);
    std::ranges::fill(memory[thread].span(), 1);  // else all pages are one
  });
  std::vector<std::uint64_t> sinks(threads);
  double best = 0;
  for (int run = 0; run < 8; ++run) {
    const auto start = std::chrono::steady_clock::now();
    executor.run(threads, [&](std::size_t thread) {
      for (std::size_t i = 0; i < repeats; ++i) {
        sinks[thread] += read(memory[thread].span());
        __asm__ volatile("" ::: "memory");  // the next reading is no copy of this one's result
      }
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(threads * repeats * count * sizeof(std::uint64_t)) /
                              seconds.count());
  }
  return best;
}

}  // namespace polytag
