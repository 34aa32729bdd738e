#include "polytag/kernels/dropout.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/kernel_table.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kElements = 8;  // that one result of the generator decides on
constexpr std::uint32_t kSitesOfAStep = 64;
constexpr double kSteps = 65536;

}  // namespace

void philox(std::span<std::uint32_t, 4> words, std::uint64_t key) noexcept {
  constexpr std::uint64_t kFirstFactor = 0xD2511F53, kSecondFactor = 0xCD9E8D57;
  constexpr std::uint32_t kFirstWeyl = 0x9E3779B9, kSecondWeyl = 0xBB67AE85;
  auto first_key = static_cast<std::uint32_t>(key);
  auto second_key = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = kFirstFactor * words[0];
    const std::uint64_t second = kSecondFactor * words[2];
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    words[0] = high(second) ^ words[1] ^ first_key;
    words[1] = static_cast<std::uint32_t>(second);
    words[2] = high(first) ^ words[3] ^ second_key;
    words[3] = static_cast<std::uint32_t>(first);
    first_key += kFirstWeyl;
    second_key += kSecondWeyl;
  }
}

Dropout::Dropout(std::uint64_t seed, std::uint64_t step, std::uint32_t site, double rate)
    : seed_(seed), step_(step), site_(site) {
  if (!(rate >= 0 && rate < 1)) {
    throw ArgumentError::mismatch("dropout", "a rate from 0 to below 1", std::to_string(rate));
  }
  threshold_ = static_cast<std::uint32_t>(std::floor(rate * kSteps));
  scale_ = static_cast<float>(kSteps / (kSteps - threshold_));
}

Dropout Dropout::at_site(std::uint32_t site) const noexcept {
  Dropout other = *this;
  other.site_ = site;
  return other;
}

void Dropout::apply(std::uint32_t text, std::uint32_t row, std::size_t first,
                    std::span<float> values) const noexcept {
  // Sites beyond those of a step are told apart by the columns' upper bits, which no row reaches.
  const std::uint32_t site = site_ % kSitesOfAStep;
  const std::uint32_t beyond = site_ / kSitesOfAStep << 20;
  const auto step_and_site = static_cast<std::uint32_t>(kSitesOfAStep * step_ + site);
  for (std::size_t i = 0; i < values.size();) {
    const std::size_t column = first + i;
    std::array<std::uint32_t, 4> words{static_cast<std::uint32_t>(column / kElements) | beyond, row,
                                       text, step_and_site};
    philox(words, seed_);
    const std::size_t end = std::min(kElements, column % kElements + values.size() - i);
    for (std::size_t lane = column % kElements; lane < end; ++lane, ++i) {
      const std::uint32_t number = words[lane / 2] >> (16 * (lane % 2)) & 0xFFFFU;
      values[i] = number < threshold_ ? 0.0F : values[i] * scale_;
    }
  }
}

void Dropout::apply(std::uint32_t text, MatrixView<float> rows) const noexcept {
  for (std::size_t row = 0; row < rows.rows; ++row) {
    apply(text, static_cast<std::uint32_t>(row), 0, rows.row(row));
  }
}

namespace kernels {

void drop_columns(const HeadDropout& dropout, float* scores, std::size_t stride, std::size_t keys,
                  std::size_t first, std::size_t queries) {
  constexpr std::uint32_t kBitsOfQuery = 20;
  std::array<float, kElements> block;
  for (std::size_t key = 0; key < keys; key += kElements) {
    const std::size_t count = std::min(kElements, keys - key);
    for (std::size_t query = 0; query < queries; ++query) {
      float* const column = scores + key * stride + query;
      for (std::size_t i = 0; i < count; ++i) block[i] = column[i * stride];
      const auto row = dropout.first_query + static_cast<std::uint32_t>(first + query);
      dropout.dropout.apply(dropout.text, row | dropout.head << kBitsOfQuery, key,
                            std::span(block).first(count));
      for (std::size_t i = 0; i < count; ++i) column[i * stride] = block[i];
    }
  }
}

}  // namespace kernels

}  // namespace polytag
