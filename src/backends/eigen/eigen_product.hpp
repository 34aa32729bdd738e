#pragma once

#include <cstddef>

/// Eigen's matrix product, compiled once per instruction set. Each has Eigen in a namespace of its
/// own name, so that no copy of its inline code can replace another's.
namespace polytag::kernels {

/// A weight panel times a block of rows: output [height, out] = input [height, in] weight^T, all
/// row-major and contiguous, weight [out, in].
struct EigenProductTask {
  const float* weight;
  const float* input;
  float* output;
  std::size_t height;
  std::size_t in_features;
  std::size_t out_features;
};

namespace baseline {
void eigen_product(const EigenProductTask& task);
}
#if defined(__x86_64__)
namespace avx2 {
void eigen_product(const EigenProductTask& task);
}
namespace avx512 {
void eigen_product(const EigenProductTask& task);
}
#endif

}  // namespace polytag::kernels
