#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace polytag {

/// CRC-32 as zip archives have it (reflected polynomial 0xEDB88320).
/// @param before  the checksum of the bytes in front of these
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

/// CRC-32C (Castagnoli, RFC 3720), by the fastest means that this CPU has.
/// @param before  the checksum of the bytes in front of these
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

/// The checksum that LevelDB tables and TensorFlow bundles store in place of CRC-32C, so that the
/// checksum of data that contains checksums stays meaningful.
constexpr std::uint32_t masked_crc(std::uint32_t crc) noexcept {
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

/// The implementations of CRC-32C, for tests that compare them.
namespace crc32c_detail {

std::uint32_t by_table(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;
#if defined(__x86_64__)
bool has_sse42() noexcept;
std::uint32_t by_sse42(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;
#endif

}  // namespace crc32c_detail

}  // namespace polytag
