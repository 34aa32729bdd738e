#pragma once

#include "polytag/kernels/eigen_backend.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"

#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/kernels/onednn_backend.hpp"
#define POLYTAG_ONEDNN_BACKEND , polytag::OneDnnBackend
#else
#define POLYTAG_ONEDNN_BACKEND
#endif

/// Every backend but the oracle that they are compared with, for TEMPLATE_TEST_CASE.
#define POLYTAG_BACKENDS polytag::NativeBackend, polytag::EigenBackend POLYTAG_ONEDNN_BACKEND
