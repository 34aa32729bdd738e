#include "files/crc32.hpp"

#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/skip.hpp"

using namespace polytag;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::byte> counting(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * i + 7 * i);
  return bytes;
}

}  // namespace

TEST_CASE("crc32: the check value of the catalogue of CRC algorithms", "[files][crc]") {
  CHECK(crc32(bytes_of("123456789")) == 0xCBF43926U);
  CHECK(crc32({}) == 0U);
  CHECK(crc32(bytes_of("The quick brown fox jumps over the lazy dog")) == 0x414FA339U);
}

TEST_CASE("crc32c: the vectors of RFC 3720, B.4", "[files][crc]") {
  std::vector<std::byte> bytes(32, std::byte{0});
  CHECK(crc32c(bytes) == 0x8A9136AAU);
  bytes.assign(32, std::byte{0xFF});
  CHECK(crc32c(bytes) == 0x62A8AB43U);
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::byte>(i);
  CHECK(crc32c(bytes) == 0x46DD794EU);
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::byte>(31 - i);
  CHECK(crc32c(bytes) == 0x113FDB5CU);
  CHECK(crc32c(bytes_of("123456789")) == 0xE3069283U);
  CHECK(crc32c({}) == 0U);
}

TEST_CASE("crc32c: instructions and tables agree at every length and alignment", "[files][crc]") {
#if defined(__x86_64__)
  if (!crc32c_detail::has_sse42()) {
    test::skip("this CPU has no SSE4.2");
    return;
  }
  const std::vector<std::byte> bytes = counting(10007);
  const std::span all(bytes);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t size = 0; size < 70; ++size) {
      const auto part = all.subspan(start, size);
      REQUIRE(crc32c_detail::by_sse42(part) == crc32c_detail::by_table(part));
    }
  }
  CHECK(crc32c_detail::by_sse42(all) == crc32c_detail::by_table(all));
#endif
}

TEST_CASE("crc32: eight bytes at once give what one byte at a time does", "[files][crc]") {
  const std::vector<std::byte> bytes = counting(100);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::uint32_t crc = ~0U;
    for (std::size_t i = 0; i < size; ++i) {
      crc ^= std::to_integer<std::uint32_t>(bytes[i]);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    REQUIRE(crc32(std::span(bytes).first(size)) == ~crc);
  }
}

TEST_CASE("crc32 and crc32c: of bytes in two parts what they are of the whole", "[files][crc]") {
  const std::vector<std::byte> bytes = counting(100);
  const std::span all(bytes);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto first = all.first(size);
    const auto second = all.subspan(size);
    REQUIRE(crc32(second, crc32(first)) == crc32(all));
    REQUIRE(crc32c(second, crc32c(first)) == crc32c(all));
    REQUIRE(crc32c_detail::by_table(second, crc32c_detail::by_table(first)) == crc32c(all));
  }
}
