#include "polytag/version.hpp"

#define POLYTAG_QUOTE_(x) #x
#define POLYTAG_QUOTE(x) POLYTAG_QUOTE_(x)

namespace polytag {

const char* version() noexcept {
  return POLYTAG_QUOTE(POLYTAG_VERSION_MAJOR) "." POLYTAG_QUOTE(
      POLYTAG_VERSION_MINOR) "." POLYTAG_QUOTE(POLYTAG_VERSION_PATCH);
}

}  // namespace polytag
