#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "polytag/core/execution.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// What one core of this machine can multiply and add at most, measured with registers alone: the
/// figure that products are compared with.
namespace polytag {

namespace peak_detail {

constexpr int kChains = 16;  // hides the latency of two units
constexpr std::size_t kRounds = 100000;

#if defined(__x86_64__)

__attribute__((target("avx512f"), noinline)) inline float float32_avx512(std::size_t rounds) {
  __m512 sums[kChains];
  for (__m512& sum : sums) sum = _mm512_set1_ps(1.0F);
  const __m512 factor = _mm512_set1_ps(0.999F);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, factor);
  }
  float total = 0;
  for (const __m512& sum : sums) total += sum[0];
  return total;
}

__attribute__((target("avx2,fma"), noinline)) inline float float32_avx2(std::size_t rounds) {
  __m256 sums[12];
  for (__m256& sum : sums) sum = _mm256_set1_ps(1.0F);
  const __m256 factor = _mm256_set1_ps(0.999F);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, factor);
  }
  float total = 0;
  for (const __m256& sum : sums) total += sum[0];
  return total;
}

__attribute__((target("avx512f,avx512bf16"), noinline)) inline float bfloat16(std::size_t rounds) {
  __m512 sums[kChains];
  for (__m512& sum : sums) sum = _mm512_set1_ps(1.0F);
  const __m512i bits = _mm512_set1_epi32(0x3c003c00);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m512& sum : sums) {
      sum =
          _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(bits), reinterpret_cast<__m512bh>(bits));
    }
  }
  float total = 0;
  for (const __m512& sum : sums) total += sum[0];
  return total;
}

__attribute__((target("avx512f,avx512vnni"), noinline)) inline float int8(std::size_t rounds) {
  __m512i sums[kChains];
  for (__m512i& sum : sums) sum = _mm512_set1_epi32(1);
  const __m512i bytes = _mm512_set1_epi32(0x01010101);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (__m512i& sum : sums) sum = _mm512_dpbusd_epi32(sum, bytes, bytes);
  }
  long long total = 0;
  for (const __m512i& sum : sums) total += sum[0];
  return static_cast<float>(total);
}

#endif

/// Operations of one round over the time of the fastest of a few runs.
template <class Loop>
double operations_per_second(const Loop& loop, double operations_per_round) {
  double best = 0;
  volatile float sink = 0;
  for (int run = 0; run < 20; ++run) {
    const auto start = std::chrono::steady_clock::now();
    sink = loop(kRounds);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, operations_per_round * kRounds / seconds.count());
  }
  static_cast<void>(sink);
  return best;
}

}  // namespace peak_detail

/// Multiplications and additions per second of one core; zero where no loop is written for it.
inline double measure_peak(Precision precision, InstructionSet instruction_set) {
#if defined(__x86_64__)
  using namespace peak_detail;
  const bool has_bf16_and_vnni = instruction_set >= InstructionSet::kAvx512Bf16;
  if (precision == Precision::kBfloat16 && has_bf16_and_vnni) {
    return operations_per_second(bfloat16, kChains * 16 * 4);
  }
  if (precision == Precision::kInt8 && has_bf16_and_vnni) {
    return operations_per_second(int8, kChains * 16 * 8);
  }
  if (instruction_set >= InstructionSet::kAvx512) {
    return operations_per_second(float32_avx512, kChains * 16 * 2);
  }
  if (instruction_set >= InstructionSet::kAvx2) {
    return operations_per_second(float32_avx2, 12 * 8 * 2);
  }
#endif
  static_cast<void>(precision);
  static_cast<void>(instruction_set);
  return 0;
}

}  // namespace polytag
