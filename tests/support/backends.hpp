#pragma once

#include <tuple>
#include <type_traits>
#include <vector>

#include "polytag/core/instruction_set.hpp"
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

}  // namespace polytag::test
