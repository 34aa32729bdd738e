#define POLYTAG_ISA avx2
#define POLYTAG_EIGEN polytag_eigen_avx2
#include "kernels/isa/eigen_product.inl"
