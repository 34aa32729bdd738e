#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "polytag/core/executor.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"

namespace polytag {

inline constexpr std::array kActivations{
    Activation::kNone, Activation::kRelu,    Activation::kGeluErf, Activation::kGeluTanh,
    Activation::kTanh, Activation::kSigmoid, Activation::kSilu};

/// A matrix with a gap after each row, to see that strides are heeded and gaps left alone.
class Matrix {
 public:
  static constexpr float kGap = -77777;

  Matrix(std::size_t rows, std::size_t columns, std::size_t gap = 0)
      : values_(rows * (columns + gap), kGap),
        view_(values_.data(), rows, columns, columns + gap) {}

  static Matrix random(std::size_t rows, std::size_t columns, unsigned seed, std::size_t gap = 0,
                       float scale = 1) {
    Matrix matrix(rows, columns, gap);
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0, scale);
    for (std::size_t r = 0; r < rows; ++r) {
      for (float& x : matrix.view().row(r)) x = normal(generator);
    }
    return matrix;
  }

  Matrix(Matrix&&) = default;
  Matrix(const Matrix& other) = delete;

  MatrixView<float> view() { return view_; }
  MatrixView<const float> view() const { return view_; }
  std::span<const float> vector() const { return view_.row(0); }

  bool gaps_are_untouched() const {
    for (std::size_t r = 0; r < view_.rows; ++r) {
      const float* const begin = view_.data + r * view_.stride;
      if (!std::all_of(begin + view_.columns, begin + view_.stride,
                       [](float x) { return x == kGap; })) {
        return false;
      }
    }
    return true;
  }

 private:
  std::vector<float> values_;
  MatrixView<float> view_;
};

/// The largest |a - b| / (1 + |b|).
inline double difference(MatrixView<const float> a, MatrixView<const float> b) {
  double worst = 0;
  for (std::size_t r = 0; r < b.rows; ++r) {
    for (std::size_t c = 0; c < b.columns; ++c) {
      const double expected = double{b.row(r)[c]};
      const double error = std::abs(double{a.row(r)[c]} - expected) / (1 + std::abs(expected));
      worst = std::isnan(error) ? 1e30 : std::max(worst, error);
    }
  }
  return worst;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// A context per supported instruction set, and one per number of threads.
struct Machine {
  Workspace workspace;
  SerialExecutor serial;
  ThreadPool two{2};
  ThreadPool three{3};

  ExecutionContext one_thread(InstructionSet set = default_instruction_set()) {
    return {workspace, serial, set};
  }
  std::vector<ExecutionContext> contexts() {
    std::vector<ExecutionContext> all;
    for (const InstructionSet set : supported_instruction_sets()) {
      for (Executor* executor : {static_cast<Executor*>(&serial), static_cast<Executor*>(&two),
                                 static_cast<Executor*>(&three)}) {
        all.push_back({workspace, *executor, set});
      }
    }
    return all;
  }
};

}  // namespace polytag
