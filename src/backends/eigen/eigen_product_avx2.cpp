#define POLYTAG_EIGEN_LEVEL avx2
#define POLYTAG_EIGEN polytag_eigen_avx2
#include "backends/eigen/eigen_product.inl"
