// Included once per instruction set, with POLYTAG_EIGEN_LEVEL as the name of its namespace and
// POLYTAG_EIGEN as Eigen's.

#define Eigen POLYTAG_EIGEN
// Threads are the caller's, and every shape takes the blocked product: the shortcut for small
// ones sums in another order.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 1
#include <Eigen/Core>

#include "backends/eigen/eigen_product.hpp"

namespace polytag::kernels::POLYTAG_EIGEN_LEVEL {

void eigen_product(const EigenProductTask& task) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using ColumnMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
  const auto height = static_cast<Eigen::Index>(task.height);
  const auto in_features = static_cast<Eigen::Index>(task.in_features);
  const auto out_features = static_cast<Eigen::Index>(task.out_features);
  // Transposed, rows become columns: Eigen then vectorises over output features, whose number is
  // fixed, and takes rows four at a time, all alike.
  const Eigen::Map<const RowMajor> weight(task.weight, out_features, in_features);
  const Eigen::Map<const ColumnMajor> input(task.input, in_features, height);
  Eigen::Map<ColumnMajor> output(task.output, out_features, height);
  output.noalias() = weight * input;
}

}  // namespace polytag::kernels::POLYTAG_EIGEN_LEVEL
