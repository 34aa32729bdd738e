#include "measure/resident_memory.hpp"

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "support/catch.hpp"
#include "support/skip.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

bool system_tells() { return std::filesystem::exists("/proc/self/status"); }

}  // namespace

TEST_CASE("resident_memory_after: counts what the work keeps, and what it held for a while",
          "[measure][bench]") {
  if (!system_tells()) {
    test::skip("no /proc/self/status");
    return;
  }
  std::vector<char> kept;
  const auto nothing = resident_memory_after([] {});
  const auto memory = resident_memory_after([&] {
    const std::vector<char> passing(64 * kMebibyte, 1);
    kept.assign(32 * kMebibyte, 1);
  });
  REQUIRE(nothing);
  REQUIRE(memory);
  CHECK(kept.empty());  // this process did not do the work
  CHECK(nothing->bytes > 0);
  CHECK(nothing->peak_bytes >= nothing->bytes);
  // Allocator and page tables aside: 32 MiB, of which 0.0 were missing where this was written.
  CHECK(memory->bytes >= nothing->bytes + 31 * kMebibyte);
  // The kernel takes its mark from counters that lag by some pages for every CPU, however much
  // there is to count: 1.8 MiB were missing on two CPUs, for 16, 64 and 256 MiB alike.
  CHECK(memory->peak_bytes >= nothing->bytes + (32 + 48) * kMebibyte);
}

TEST_CASE("resident_memory_after: none where the work fails", "[measure][bench]") {
  CHECK_FALSE(resident_memory_after([] { throw std::runtime_error("no model"); }));
}

}  // namespace polytag
