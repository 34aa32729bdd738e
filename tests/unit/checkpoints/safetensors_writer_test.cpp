#include <array>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/same_bytes.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

TEST_CASE("write_safetensors: what is written is read back to the bit",
          "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "model.safetensors";
  const std::vector<TensorToWrite> tensors{
      {"z", ElementType::kInt8, {3}, bytes_of("abc")},
      {"empty", ElementType::kFloat32, {2, 0}, {}},
      {"a \"quoted\" 名", ElementType::kFloat32, {1, 1}, bytes_of("wxyz")},
      {"scalar", ElementType::kFloat16, {}, bytes_of("hi")}};
  write_safetensors(file, tensors, {{"format", "pt"}});

  const WeightSource source = open_safetensors(file);
  REQUIRE(source.tensors().size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const StoredTensor& read = source.tensors()[i];
    CHECK(read.name == tensors[i].name);
    CHECK(read.type == tensors[i].type);
    CHECK(read.shape == tensors[i].shape);
    CHECK(test::same_bytes(read.bytes, tensors[i].bytes));
  }
  CHECK_THAT(file_bytes(file), ContainsSubstring(R"("__metadata__":{"format":"pt"})"));
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("write_safetensors: the first tensor lies aligned", "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "m.safetensors";
  for (std::size_t length = 1; length < 70; ++length) {
    const std::array tensors{
        TensorToWrite{std::string(length, 'n'), ElementType::kUint8, {1}, bytes_of("!")}};
    write_safetensors(file, tensors, {});
    CHECK(std::filesystem::file_size(file) % kAlignment == 1);
  }
}

TEST_CASE("write_safetensors: bytes that do not fit the shape", "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "m.safetensors";
  const auto write = [&](const Shape& shape, std::string_view bytes) {
    const std::array tensors{TensorToWrite{"w", ElementType::kFloat32, shape, bytes_of(bytes)}};
    write_safetensors(file, tensors, {});
  };
  CHECK_THROWS_WITH(write({2}, "1234"),
                    "tensor \"w\": expected the bytes of float32 [2], found 4 bytes");
  CHECK_THROWS_AS(write({1}, "12345"), ArgumentError);
  CHECK_THROWS_AS(write({std::size_t{1} << 62}, ""), ArgumentError);  // times 4 is 0 modulo 2^64
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("write_safetensors: names that are taken, reserved or no UTF-8",
          "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "m.safetensors";
  const auto write = [&](std::string_view first, std::string_view second) {
    const std::array tensors{
        TensorToWrite{std::string(first), ElementType::kUint8, {1}, bytes_of("1")},
        TensorToWrite{std::string(second), ElementType::kUint8, {1}, bytes_of("2")}};
    write_safetensors(file, tensors, {});
  };
  CHECK_THROWS_WITH(write("a", "a"), ContainsSubstring("found \"a\" again"));
  CHECK_THROWS_AS(write("a", "__metadata__"), ArgumentError);
  CHECK_THROWS_AS(write("a", "\xff"), ArgumentError);
  CHECK_THROWS_AS(write_safetensors(file, {}, {{"key", "\xff"}}), ArgumentError);
  CHECK_FALSE(std::filesystem::exists(file));
}
