#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"

/// How fast this machine reads memory of a given size over and over, which tells how fast the
/// weights of a model that fills it can be streamed.
namespace polytag {

namespace bandwidth_detail {

/// A cache line; compilers split it into what the instruction set has.
using Line = std::uint64_t __attribute__((vector_size(64)));

[[gnu::always_inline]] inline std::uint64_t fold(std::span<const Line> lines) {
  Line a{}, b{}, c{}, d{};
  for (std::size_t i = 0; i + 4 <= lines.size(); i += 4) {
    a ^= lines[i];
    b ^= lines[i + 1];
    c ^= lines[i + 2];
    d ^= lines[i + 3];
  }
  a ^= b ^ c ^ d;
  return a[0];
}

__attribute__((noinline)) inline std::uint64_t read(std::span<const Line> lines) {
  return fold(lines);
}

#if defined(__x86_64__)
__attribute__((target("avx2"), noinline)) inline std::uint64_t read_avx2(
    std::span<const Line> lines) {
  return fold(lines);
}

__attribute__((target("avx512f"), noinline)) inline std::uint64_t read_avx512(
    std::span<const Line> lines) {
  return fold(lines);
}
#endif

inline auto reader(InstructionSet instruction_set) {
#if defined(__x86_64__)
  if (instruction_set >= InstructionSet::kAvx512) return read_avx512;
  if (instruction_set >= InstructionSet::kAvx2) return read_avx2;
#endif
  static_cast<void>(instruction_set);
  return read;
}

}  // namespace bandwidth_detail

/// Bytes per second that all threads of the executor read together, each `bytes` of its own.
inline double measure_bandwidth(std::size_t bytes, InstructionSet instruction_set,
                                Executor& executor) {
  using bandwidth_detail::Line;
  constexpr double kBytesOfARun = 1e9;
  const std::size_t threads = executor.concurrency();
  const std::size_t count = bytes / sizeof(Line);
  const auto repeats = static_cast<std::size_t>(kBytesOfARun / static_cast<double>(bytes)) + 1;
  const auto read = bandwidth_detail::reader(instruction_set);
  std::vector<std::vector<Line>> memory(threads);
  executor.run(threads, [&](std::size_t thread) { memory[thread].assign(count, Line{} + 1); });
  std::vector<std::uint64_t> sinks(threads);
  double best = 0;
  for (int run = 0; run < 8; ++run) {
    const auto start = std::chrono::steady_clock::now();
    executor.run(threads, [&](std::size_t thread) {
      for (std::size_t i = 0; i < repeats; ++i) {
        sinks[thread] += read(memory[thread]);
        __asm__ volatile("" ::: "memory");  // the next reading is no copy of this one's result
      }
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(
        best, static_cast<double>(threads * repeats * count * sizeof(Line)) / seconds.count());
  }
  return best;
}

}  // namespace polytag
