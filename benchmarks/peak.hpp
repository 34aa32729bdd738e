#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "polytag/core/execution.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// What this machine can multiply and add at most, measured with registers alone (tiles, whose
/// operands no register keeps, with the nearest cache): the figure that products are compared with.
namespace polytag {

namespace peak_detail {

constexpr int kChains = 16;  // hides the latency of two units
constexpr std::size_t kRounds = 500000;

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

/// Bytes widened to 16 bits: a product and an addition for 16 of them.
__attribute__((target("avx2"), noinline)) inline float int8_avx2(std::size_t rounds) {
  __m256i sums[12];
  for (__m256i& sum : sums) sum = _mm256_set1_epi32(1);
  __m256i numbers = _mm256_set1_epi32(0x00010001);
  for (std::size_t i = 0; i < rounds; ++i) {
    __asm__ volatile("" : "+x"(numbers));  // the products are not those of the round before
#pragma GCC unroll 12
    for (__m256i& sum : sums) {
      __m256i products = _mm256_madd_epi16(numbers, numbers);
      __asm__ volatile("" : "+x"(products));  // nor those of the sum before
      sum = _mm256_add_epi32(sum, products);
    }
  }
  long long total = 0;
  for (const __m256i& sum : sums) total += sum[0];
  return static_cast<float>(total);
}

__attribute__((target("avx2,avxvnni"), noinline)) inline float int8_avx_vnni(std::size_t rounds) {
  __m256i sums[12];
  for (__m256i& sum : sums) sum = _mm256_set1_epi32(1);
  const __m256i bytes = _mm256_set1_epi32(0x01010101);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (__m256i& sum : sums) sum = _mm256_dpbusd_avx_epi32(sum, bytes, bytes);
  }
  long long total = 0;
  for (const __m256i& sum : sums) total += sum[0];
  return static_cast<float>(total);
}

/// The memory layout of LDTILECFG: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

constexpr std::size_t kTileBytes = 1024;

/// Two by two tiles of sums, as products use them: each operand that is loaded serves two. Both
/// precisions have the same loop and differ in one instruction, which takes constants alone.
#define POLYTAG_TILE_LOOP(name, features, multiply)                                   \
  __attribute__((target(features), noinline)) inline float name(std::size_t rounds) { \
    alignas(64) static const std::byte operands[4 * kTileBytes] = {};                 \
    const TileConfig config;                                                          \
    /* g++ 12's _tile_loadconfig reads eight bytes of it, by its declaration. */      \
    __asm__ volatile("ldtilecfg %0" : : "m"(config));                                 \
    _tile_zero(0);                                                                    \
    _tile_zero(1);                                                                    \
    _tile_zero(2);                                                                    \
    _tile_zero(3);                                                                    \
    for (std::size_t i = 0; i < rounds; ++i) {                                        \
      _tile_loadd(4, operands, 64);                                                   \
      _tile_loadd(5, operands + kTileBytes, 64);                                      \
      _tile_loadd(6, operands + 2 * kTileBytes, 64);                                  \
      _tile_loadd(7, operands + 3 * kTileBytes, 64);                                  \
      multiply(0, 4, 6);                                                              \
      multiply(1, 4, 7);                                                              \
      multiply(2, 5, 6);                                                              \
      multiply(3, 5, 7);                                                              \
    }                                                                                 \
    alignas(64) float sums[kTileBytes / sizeof(float)];                               \
    _tile_stored(0, sums, 64);                                                        \
    _tile_release();                                                                  \
    return sums[0];                                                                   \
  }

POLYTAG_TILE_LOOP(bfloat16_tiles, "amx-tile,amx-bf16", _tile_dpbf16ps)
POLYTAG_TILE_LOOP(int8_tiles, "amx-tile,amx-int8", _tile_dpbusd)

#undef POLYTAG_TILE_LOOP

#endif

/// What all threads of the executor do together: the fastest of a few runs in which each of them
/// works through the same rounds.
template <class Loop>
double operations_per_second(const Loop& loop, double operations_per_round, Executor& executor) {
  const std::size_t threads = executor.concurrency();
  std::vector<float> sinks(threads);
  double best = 0;
  for (int run = 0; run < 20; ++run) {
    const auto start = std::chrono::steady_clock::now();
    executor.run(threads, [&](std::size_t thread) { sinks[thread] = loop(kRounds); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(
        best, operations_per_round * kRounds * static_cast<double>(threads) / seconds.count());
  }
  return best;
}

}  // namespace peak_detail

/// Multiplications and additions per second of all threads of the executor together; zero where no
/// loop is written for it. A precision without instructions of its own is multiplied in float32's.
inline double measure_peak(Precision precision, InstructionSet instruction_set,
                           Executor& executor) {
#if defined(__x86_64__)
  using namespace peak_detail;
  const bool is_int8 = precision == Precision::kInt8;
  const bool is_bfloat16 = precision == Precision::kBfloat16;
  switch (instruction_set) {
    case InstructionSet::kBaseline:
    case InstructionSet::kDotprod:
    case InstructionSet::kI8mm:
      break;
    case InstructionSet::kAvx2:
      if (is_int8) return operations_per_second(int8_avx2, 12 * 8 * 4, executor);
      return operations_per_second(float32_avx2, 12 * 8 * 2, executor);
    case InstructionSet::kAvxVnni:
      if (is_int8) return operations_per_second(int8_avx_vnni, 12 * 8 * 8, executor);
      return operations_per_second(float32_avx2, 12 * 8 * 2, executor);
    case InstructionSet::kAmx:
      if (is_bfloat16) return operations_per_second(bfloat16_tiles, 4 * 16 * 16 * 32 * 2, executor);
      if (is_int8) return operations_per_second(int8_tiles, 4 * 16 * 16 * 64 * 2, executor);
      return operations_per_second(float32_avx512, kChains * 16 * 2, executor);
    case InstructionSet::kAvx512Bf16:
      if (is_bfloat16) return operations_per_second(bfloat16, kChains * 16 * 4, executor);
      if (is_int8) return operations_per_second(int8, kChains * 16 * 8, executor);
      return operations_per_second(float32_avx512, kChains * 16 * 2, executor);
    case InstructionSet::kAvx512:
      return operations_per_second(float32_avx512, kChains * 16 * 2, executor);
  }
#endif
  static_cast<void>(precision);
  static_cast<void>(instruction_set);
  static_cast<void>(executor);
  return 0;
}

}  // namespace polytag
