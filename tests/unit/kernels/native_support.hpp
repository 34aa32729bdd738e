#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/core/workspace.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "support/catch.hpp"

namespace polytag {

inline constexpr std::array kActivations{Activation::kNone,    Activation::kRelu,
                                         Activation::kGeluErf, Activation::kGeluTanh,
                                         Activation::kTanh,    Activation::kSigmoid};

inline Tensor random_tensor(std::size_t rows, std::size_t columns, std::uint32_t seed,
                            float scale = 1.0F) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, scale);
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) value = normal(random);
  return tensor;
}

/// The largest |ours - expected| / (1 + |expected|).
inline double worst_error(MatrixView<const float> ours, MatrixView<const float> expected) {
  double worst = 0;
  for (std::size_t row = 0; row < ours.rows; ++row) {
    for (std::size_t column = 0; column < ours.columns; ++column) {
      const double a = ours.row(row)[column], b = expected.row(row)[column];
      const double error = std::abs(a - b) / (1 + std::abs(b));
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

/// A context of its own for each use.
struct Runtime {
  explicit Runtime(InstructionSet instruction_set, std::size_t threads = 1)
      : pool(threads), context{workspace, pool, instruction_set} {}
  Workspace workspace;
  ThreadPool pool;
  ExecutionContext context;
};

struct LinearCase {
  std::size_t rows, in_features, out_features;
};

/// Rows, with remainders of every tile; features, with remainders of panels and vectors.
inline std::vector<LinearCase> linear_cases() {
  std::vector<LinearCase> cases;
  for (std::size_t rows = 1; rows <= 40; ++rows) {
    for (const std::size_t out : {1U, 24U, 100U}) cases.push_back({rows, 48, out});
  }
  for (const std::size_t in : {1U, 3U, 12U, 24U, 48U, 72U, 100U, 384U, 1536U}) {
    for (const std::size_t out : {1U, 3U, 12U, 24U, 48U, 72U, 100U, 384U}) {
      cases.push_back({7, in, out});
    }
  }
  cases.push_back({9, 384, 1536});
  cases.push_back({300, 384, 72});  // several blocks of rows
  return cases;
}

inline constexpr std::array kPrecisions{Precision::kFloat32, Precision::kBfloat16,
                                        Precision::kInt8};

}  // namespace polytag
