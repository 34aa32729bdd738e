#include "polytag/weights/weight_source.hpp"

#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

static_assert(!std::is_copy_constructible_v<WeightSource>);
static_assert(std::is_move_constructible_v<WeightSource>);

StoredTensor stored(std::string name, Shape shape = {0}) {
  return {std::move(name), ElementType::kFloat32, std::move(shape), {}, "file"};
}

/// The float32 of one element that is stored as another type.
template <class Stored>
float read_one(ElementType type, Stored element) {
  const WeightSource source("here",
                            {{"w", type, {1}, std::as_bytes(std::span(&element, 1)), "file"}});
  return source.read("w", {1}).span()[0];
}

float from_float16(int bits) {
  return read_one(ElementType::kFloat16, static_cast<std::uint16_t>(bits));
}

float from_bfloat16(int bits) {
  return read_one(ElementType::kBfloat16, static_cast<std::uint16_t>(bits));
}

}  // namespace

TEST_CASE("weight_source: float16 becomes float32 exactly", "[weights][weight_source]") {
  CHECK(from_float16(0x3C00) == 1.0F);
  CHECK(from_float16(0xC000) == -2.0F);
  CHECK(from_float16(0x7BFF) == 65504.0F);
  CHECK(from_float16(0x0400) == 0x1p-14F);      // the smallest normal number
  CHECK(from_float16(0x03FF) == 0x1.FF8p-15F);  // the largest subnormal one
  CHECK(from_float16(0x0001) == 0x1p-24F);      // the smallest
  CHECK(from_float16(0x8001) == -0x1p-24F);
  CHECK(std::bit_cast<std::uint32_t>(from_float16(0x8000)) == 0x80000000U);  // -0
  CHECK(from_float16(0x7C00) == std::numeric_limits<float>::infinity());
  CHECK(from_float16(0xFC00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(from_float16(0x7E00)));
  CHECK(std::isnan(from_float16(0x7C01)));
}

TEST_CASE("weight_source: every float16 has the value of its formula", "[weights][weight_source]") {
  for (int bits = 0; bits < 0x7C00; ++bits) {
    const int exponent = bits >> 10;
    const int fraction = bits & 0x3FF;
    const double expected =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (static_cast<double>(from_float16(bits)) != expected ||
        static_cast<double>(from_float16(bits | 0x8000)) != -expected) {
      FAIL("bits " << bits);
    }
  }
}

TEST_CASE("weight_source: bfloat16 becomes float32 exactly", "[weights][weight_source]") {
  CHECK(from_bfloat16(0x3F80) == 1.0F);
  CHECK(from_bfloat16(0xC049) == -3.140625F);
  CHECK(from_bfloat16(0x0001) == 0x1p-133F);  // subnormal
  CHECK(from_bfloat16(0x7F80) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(from_bfloat16(0x7FC0)));
  CHECK(std::bit_cast<std::uint32_t>(from_bfloat16(0x8000)) == 0x80000000U);
}

TEST_CASE("weight_source: float32 stays to the bit, float64 is rounded",
          "[weights][weight_source]") {
  const float odd = std::bit_cast<float>(0x7FC01234U);  // a NaN with a payload
  CHECK(std::bit_cast<std::uint32_t>(read_one(ElementType::kFloat32, odd)) == 0x7FC01234U);
  CHECK(read_one(ElementType::kFloat64, 0.1) == 0.1F);
}

TEST_CASE("weight_source: elements need no alignment", "[weights][weight_source]") {
  std::vector<std::byte> bytes(9);
  const float value = 1.5F;
  std::memcpy(bytes.data() + 5, &value, 4);
  const WeightSource source(
      "here",
      {{"w", ElementType::kFloat32, {2}, std::as_bytes(std::span(bytes)).subspan(1), "file"}});
  CHECK(source.read("w", {2}).span()[1] == 1.5F);
}

TEST_CASE("weight_source: read names a missing tensor, another shape, an integer type",
          "[weights][weight_source]") {
  const std::int32_t step = 7;
  const WeightSource source(
      "here", {stored("w", {0, 3}),
               {"step", ElementType::kInt32, {}, std::as_bytes(std::span(&step, 1)), "file"}});
  CHECK(source.read("w", {0, 3}).size() == 0);
  CHECK_THROWS_WITH(source.read("v", {0, 3}), "here: tensor \"v\": expected [0, 3], found nothing");
  CHECK_THROWS_WITH(source.read("w", {3, 0}), "file: tensor \"w\": expected [3, 0], found [0, 3]");
  CHECK_THROWS_WITH(source.read("step", {}),
                    "file: tensor \"step\": expected a floating-point type, found int32");
}

TEST_CASE("weight_source: two tensors of one name are refused", "[weights][weight_source]") {
  StoredTensor second = stored("w");
  second.file = "another";
  CHECK_THROWS_WITH(WeightSource("here", {stored("w"), second}),
                    "another: tensor \"w\": expected one definition, found another in file");
}

TEST_CASE("weight_source: bytes that do not fit the shape are refused",
          "[weights][weight_source]") {
  CHECK_THROWS_WITH(WeightSource("here", {stored("w", {2})}),
                    "file: tensor \"w\": expected the bytes of float32 [2], found 0 bytes");
  CHECK_THROWS_AS(WeightSource("here", {stored("w", {std::size_t{1} << 62})}), FormatError);
}

TEST_CASE("weight_source: names are found after a move", "[weights][weight_source]") {
  WeightSource first("here", {stored("short"), stored(std::string(100, 'l'))});
  const WeightSource second = std::move(first);
  CHECK(second.find("short") == &second.tensors()[0]);
  CHECK(second.find(std::string(100, 'l')) == &second.tensors()[1]);
  CHECK(second.find("other") == nullptr);
}

TEST_CASE("expect: all parameters in their shapes, and nothing else but what is ignored",
          "[weights][weight_source]") {
  const WeightSource source("here", {stored("a.weight", {0, 2}), stored("a.position_ids")});
  const std::vector<ParameterSpec> parameters{{"a.weight", {0, 2}}};
  const auto ignored = [](std::string_view name) { return name.ends_with("position_ids"); };
  CHECK_NOTHROW(source.expect(parameters, ignored));
  CHECK_THROWS_WITH(source.expect(parameters, {}),
                    "file: tensor \"a.position_ids\": expected no tensor of this name in the model "
                    "that config.json describes, found [0]");
  const std::vector<ParameterSpec> other{{"a.weight", {2, 0}}};
  CHECK_THROWS_WITH(source.expect(other, ignored),
                    "file: tensor \"a.weight\": expected [2, 0], found [0, 2]");
}

TEST_CASE("expect: a missing tensor comes with the nearest name that nothing else needs",
          "[weights][weight_source]") {
  const WeightSource source(
      "here", {stored("layer.0.dense.weight"), stored("layer.1.dense.wieght"), stored("other")});
  const std::vector<ParameterSpec> parameters{{"layer.0.dense.weight", {0}},
                                              {"layer.1.dense.weight", {0}}};
  CHECK_THROWS_WITH(source.expect(parameters, {}),
                    "here: tensor \"layer.1.dense.weight\": expected [0], found nothing (is "
                    "\"layer.1.dense.wieght\" meant?)");
  const std::vector<ParameterSpec> unlike{{"pooler", {0}}};
  CHECK_THROWS_WITH(source.expect(unlike, {}),
                    "here: tensor \"pooler\": expected [0], found nothing");
}

TEST_CASE("expect: a hostile number or length of names costs no noticeable time",
          "[weights][weight_source]") {
  std::vector<StoredTensor> tensors;
  for (int i = 0; i < 200000; ++i) tensors.push_back(stored("layer." + std::to_string(i) + ".w"));
  tensors.insert(tensors.begin(), stored(std::string(std::size_t{1} << 20, 'l')));
  const WeightSource source("here", std::move(tensors));
  const std::vector<ParameterSpec> parameters{
      {"encoder.layer.0.attention.output.LayerNorm.weight", {0}}};
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(source.expect(parameters, {}), ShapeError);
  // 20 ms here; 1 s is for sanitizers and emulation. Without a limit it would be several.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}
