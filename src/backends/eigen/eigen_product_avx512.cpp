#define POLYTAG_EIGEN_LEVEL avx512
#define POLYTAG_EIGEN polytag_eigen_avx512
#include "backends/eigen/eigen_product.inl"
