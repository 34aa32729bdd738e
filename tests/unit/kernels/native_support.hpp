#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "unit/kernels/parity.hpp"

namespace polytag {

inline Tensor random_tensor(std::size_t rows, std::size_t columns, std::uint32_t seed,
                            float scale = 1.0F) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, scale);
  Tensor tensor(Shape{rows, columns});
  for (float& value : tensor.span()) value = normal(random);
  return tensor;
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
