#include "polytag/weights/stored_bytes.hpp"

#include <numeric>
#include <string>
#include <vector>

#include "files/byte_reader.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::string text_of(const StoredBytes& bytes) { return std::string(as_text(bytes.read().span())); }

StoredBytes in_memory(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("stored_bytes: a range of a file and of memory read alike", "[weights]") {
  const TemporaryDirectory directory;
  for (const StoredBytes& bytes :
       {in_memory("0123456789"), StoredBytes(directory.write("file", "0123456789"))}) {
    CHECK(bytes.size() == 10);
    CHECK(text_of(bytes) == "0123456789");
    const StoredBytes inner = bytes.subrange(2, 6);
    CHECK(inner.size() == 6);
    CHECK(text_of(inner) == "234567");
    CHECK(text_of(inner.subrange(1, 3)) == "345");
    CHECK(inner.subrange(6, 0).empty());
    std::string part(2, '?');
    inner.read(3, std::as_writable_bytes(std::span(part)));
    CHECK(part == "56");
  }
}

TEST_CASE("stored_bytes: none, an empty file and empty memory are empty", "[weights]") {
  const TemporaryDirectory directory;
  for (const StoredBytes& bytes :
       {StoredBytes(), in_memory(""), StoredBytes(AlignedBuffer<std::byte>()),
        StoredBytes(directory.write("file", ""))}) {
    CHECK(bytes.empty());
    CHECK(bytes.read().size() == 0);
    CHECK(bytes.subrange(0, 0).empty());
    bytes.for_each_piece([](std::span<const std::byte> piece) { CHECK(piece.empty()); });
  }
}

TEST_CASE("stored_bytes: memory that is owned outlives whoever gave it", "[weights]") {
  AlignedBuffer<std::byte> memory(3);
  const std::byte* const start = memory.data();
  std::fill_n(memory.data(), 3, std::byte{7});
  StoredBytes last;
  {
    const StoredBytes all(std::move(memory));
    last = all.subrange(2, 1);
  }
  last.for_each_piece([&](std::span<const std::byte> piece) {
    CHECK(piece.data() == start + 2);  // and is no copy
    CHECK(piece.front() == std::byte{7});
  });
}

TEST_CASE("stored_bytes: a file is shown in pieces, all of it and in order", "[weights]") {
  std::vector<std::uint32_t> numbers(100001);
  std::iota(numbers.begin(), numbers.end(), 0U);
  const std::string whole(as_text(std::as_bytes(std::span(numbers))));
  const TemporaryDirectory directory;
  const StoredBytes file(directory.write("file", whole));
  for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, whole.size() - 64}) {
    const StoredBytes bytes = file.subrange(begin, whole.size() - begin);
    std::string seen;
    std::size_t greatest = 0;
    bytes.for_each_piece([&](std::span<const std::byte> piece) {
      CHECK(seen.size() % kAlignment == 0);
      seen += as_text(piece);
      greatest = std::max(greatest, piece.size());
    });
    CHECK(seen == whole.substr(begin));
    CHECK(greatest <= std::size_t{1} << 17);
  }
}

TEST_CASE("stored_bytes: what a file has lost cannot be read, what it kept can", "[weights]") {
  const TemporaryDirectory directory;
  const auto path = directory.write("file", "0123456789");
  const StoredBytes bytes(path);
  std::filesystem::resize_file(path, 4);
  CHECK(text_of(bytes.subrange(1, 3)) == "123");
  CHECK_THROWS_AS(bytes.read(), IoError);
  CHECK_THROWS_AS(bytes.for_each_piece([](std::span<const std::byte>) {}), IoError);
  CHECK_THROWS_AS(StoredBytes(directory.path() / "absent"), IoError);
}
