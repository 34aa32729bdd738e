// Run only where has_sse42() holds. The attribute, instead of a flag for the whole file, keeps
// SSE4.2 out of the inline functions that this file shares with others.
#include "files/crc32.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>

#include <cstring>

namespace polytag::crc32c_detail {

__attribute__((target("sse4.2"))) std::uint32_t by_sse42(std::span<const std::byte> bytes,
                                                         std::uint32_t before) noexcept {
  const std::byte* next = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = ~before;
  for (; left >= 8; next += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, next, sizeof(word));
    crc = _mm_crc32_u64(crc, word);
  }
  auto short_crc = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++next, --left) {
    short_crc = _mm_crc32_u8(short_crc, std::to_integer<std::uint8_t>(*next));
  }
  return ~short_crc;
}

}  // namespace polytag::crc32c_detail
#endif
