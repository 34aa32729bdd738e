#include "files/crc32.hpp"

#include <array>

#include "files/byte_reader.hpp"

namespace polytag {

namespace {

/// Table k holds the checksum of each byte followed by k zero bytes, so that eight bytes are looked
/// up side by side (M. Kounavis, F. Berry: A Systematic Approach to Building High Performance
/// Software-Based CRC Generators, 2005).
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables(std::uint32_t reflected_polynomial) {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? reflected_polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kCrc32Tables = make_tables(0xEDB88320U);
constexpr Tables kCrc32cTables = make_tables(0x82F63B78U);

std::uint32_t crc_by_tables(const Tables& tables, std::span<const std::byte> bytes,
                            std::uint32_t before) noexcept {
  const std::byte* next = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t crc = ~before;
  for (; left >= 8; next += 8, left -= 8) {
    const std::uint64_t word = load_little_endian<std::uint64_t>(next) ^ crc;
    crc = 0;
    for (unsigned k = 0; k < 8; ++k) crc ^= tables[7 - k][(word >> (8 * k)) & 0xFFU];
  }
  for (; left > 0; ++next, --left) {
    crc = (crc >> 8) ^ tables[0][(crc ^ std::to_integer<std::uint32_t>(*next)) & 0xFFU];
  }
  return ~crc;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  return crc_by_tables(kCrc32Tables, bytes, before);
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  static const bool has_sse42 = crc32c_detail::has_sse42();
  if (has_sse42) return crc32c_detail::by_sse42(bytes, before);
#endif
  return crc32c_detail::by_table(bytes, before);
}

namespace crc32c_detail {

std::uint32_t by_table(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  return crc_by_tables(kCrc32cTables, bytes, before);
}

#if defined(__x86_64__)
bool has_sse42() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }
#endif

}  // namespace crc32c_detail

}  // namespace polytag
