#include "cli/backends.hpp"

#include <array>

#include "polytag/error.hpp"

#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/backends/onednn.hpp"
#endif
#ifdef POLYTAG_WITH_EIGEN
#include "polytag/backends/eigen.hpp"
#endif

namespace polytag::cli {

namespace {

constexpr std::array kBackends{
    &native_backend,
#ifdef POLYTAG_WITH_ONEDNN
    &onednn_backend,
#endif
#ifdef POLYTAG_WITH_EIGEN
    &eigen_backend,
#endif
    &reference_backend,
};

}  // namespace

std::string backend_names() {
  std::string names;
  for (const auto backend : kBackends) {
    names.append(names.empty() ? "" : ", ").append(backend().name);
  }
  return names;
}

Backend parse_backend(std::string_view name) {
  for (const auto backend : kBackends) {
    if (backend().name == name) return backend();
  }
  throw ArgumentError::mismatch("backend", "one of " + backend_names(),
                                "\"" + std::string(name) + "\"");
}

}  // namespace polytag::cli
