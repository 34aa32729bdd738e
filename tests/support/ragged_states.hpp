#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "polytag/encoders/encoder.hpp"

namespace polytag::test {

/// Made-up hidden states of some texts, as an encoder would hand them out.
class RaggedStates {
 public:
  /// @param texts  rows of each text; what its rows hold depends on (seed, length) alone
  RaggedStates(std::vector<std::size_t> lengths, std::size_t hidden_size, std::uint32_t seed = 3)
      : lengths_(std::move(lengths)) {
    for (const std::size_t length : lengths_) row_starts_.push_back(row_starts_.back() + length);
    values_ = Tensor({row_starts_.back(), hidden_size});
    for (std::size_t text = 0; text < lengths_.size(); ++text) {
      std::mt19937 generator(seed + static_cast<std::uint32_t>(lengths_[text]));
      for (std::size_t row = row_starts_[text]; row < row_starts_[text + 1]; ++row) {
        for (float& value : values_.matrix().row(row)) {
          value = static_cast<float>(generator()) * 0x1p-31F - 1.0F;
        }
      }
    }
  }

  EncoderOutput encoded() const { return {values_.matrix(), row_starts_, lengths_}; }
  MatrixView<const float> of(std::size_t text) const {
    return values_.matrix().row_range(row_starts_[text], lengths_[text]);
  }
  std::span<const std::size_t> row_starts() const { return row_starts_; }
  std::size_t size() const { return lengths_.size(); }

 private:
  std::vector<std::size_t> lengths_;
  std::vector<std::size_t> row_starts_{0};
  Tensor values_;
};

}  // namespace polytag::test
