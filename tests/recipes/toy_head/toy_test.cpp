#include "polytag/heads/toy.hpp"

#include "polytag/kernels/reference_backend.hpp"

static_assert(polytag::LabelHead<polytag::ToyHead<polytag::ReferenceBackend>>);
