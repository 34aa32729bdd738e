#define POLYTAG_ISA avx512
#define POLYTAG_EIGEN polytag_eigen_avx512
#include "kernels/isa/eigen_product.inl"
