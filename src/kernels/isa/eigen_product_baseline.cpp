#define POLYTAG_ISA baseline
#define POLYTAG_EIGEN polytag_eigen_baseline
#include "kernels/isa/eigen_product.inl"
