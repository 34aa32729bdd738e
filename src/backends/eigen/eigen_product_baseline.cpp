#define POLYTAG_EIGEN_LEVEL baseline
#define POLYTAG_EIGEN polytag_eigen_baseline
#include "backends/eigen/eigen_product.inl"
