#pragma once

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <vector>

#include "polytag/backend.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/kernels/reference_backend.hpp"

#ifdef POLYTAG_WITH_EIGEN
#include "polytag/backends/eigen.hpp"
#define POLYTAG_EIGEN_BACKEND , polytag::EigenBackend
#else
#define POLYTAG_EIGEN_BACKEND
#endif
#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/backends/onednn.hpp"
#define POLYTAG_ONEDNN_BACKEND , polytag::OneDnnBackend
#else
#define POLYTAG_ONEDNN_BACKEND
#endif

/// Every backend but the oracle that they are compared with, for TEMPLATE_TEST_CASE.
#define POLYTAG_BACKENDS polytag::NativeBackend POLYTAG_EIGEN_BACKEND POLYTAG_ONEDNN_BACKEND

namespace polytag::test {

/// All of them, for TEMPLATE_LIST_TEST_CASE.
using Backends = std::tuple<ReferenceBackend, POLYTAG_BACKENDS>;

/// The instruction sets that make a difference to a backend on this CPU.
template <class Backend>
std::vector<InstructionSet> instruction_sets() {
  if constexpr (std::is_same_v<Backend, ReferenceBackend>) return {InstructionSet::kBaseline};
  const auto supported = supported_instruction_sets();
  return {supported.begin(), supported.end()};
}

/// The backends of this build as what LoadOptions take.
inline std::vector<Backend> backend_values() {
  return {
      native_backend(),
      reference_backend(),
#ifdef POLYTAG_WITH_EIGEN
      eigen_backend(),
#endif
#ifdef POLYTAG_WITH_ONEDNN
      onednn_backend(),
#endif
  };
}

template <class Kernels>
Backend backend_value() {
  const std::vector<Backend> all = backend_values();
  return *std::ranges::find(all, Kernels::kName, &Backend::name);
}

}  // namespace polytag::test
