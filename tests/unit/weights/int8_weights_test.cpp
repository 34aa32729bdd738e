#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "polytag/error.hpp"
#include "polytag/weights/weight_source.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

/// Elements that live as long as the test.
template <class Elements>
StoredBytes stored(const Elements& elements) {
  return {std::span<const std::byte>(std::as_bytes(std::span(elements)))};
}

/// An int8 matrix [2, 3] named "w", and scales of any kind beside it.
class Int8Matrix {
 public:
  Int8Matrix(Shape shape, std::vector<float> scales) : scales_(std::move(scales)) {
    add("w", ElementType::kInt8, {2, 3}, stored(numbers_));
    add("w_scale", ElementType::kFloat32, std::move(shape), stored(scales_));
  }

  void add(std::string name, ElementType type, Shape shape, StoredBytes bytes) {
    tensors_.push_back({std::move(name), type, std::move(shape), std::move(bytes), "file"});
  }
  WeightSource source() const { return {"here", tensors_}; }

 private:
  std::array<std::int8_t, 6> numbers_{127, -127, 0, 1, -128, 50};
  std::vector<float> scales_;
  std::vector<StoredTensor> tensors_;
};

std::vector<float> values(const Tensor& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

std::string refusal(const Int8Matrix& matrix, const ParameterSpec& parameter = {"w", {2, 3}}) {
  const WeightSource source = matrix.source();
  try {
    source.read(parameter);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("int8 weights: a number stands for that many of its row's scale",
          "[weights][weight_source]") {
  const Int8Matrix matrix({2, 1}, {0.5F, 2.0F});
  const std::vector<float> expected{63.5F, -63.5F, 0, 2, -256, 100};
  CHECK(values(matrix.source().read("w", {2, 3})) == expected);
  CHECK(values(matrix.source().read({"w", {2, 3}, {{3}}})) == expected);
  CHECK(values(Int8Matrix({2, 1}, {0, 2}).source().read("w", {2, 3})) ==
        std::vector<float>{0, 0, 0, 2, -256, 100});
}

TEST_CASE("int8 weights: runs of columns have scales of their own", "[weights][weight_source]") {
  const Int8Matrix matrix({2, 2}, {0.5F, 1.0F, 2.0F, 0.25F});
  CHECK(values(matrix.source().read({"w", {2, 3}, {{1, 2}}})) ==
        std::vector<float>{63.5F, -127, 0, 2, -32, 12.5F});
  CHECK(values(matrix.source().read({"w", {2, 3}, {{2, 1}}})) ==
        std::vector<float>{63.5F, -63.5F, 0, 2, -256, 12.5F});
}

TEST_CASE("int8 weights: scales may be of another floating-point type",
          "[weights][weight_source]") {
  const std::array<std::int8_t, 2> numbers{3, -4};
  const std::array<std::uint16_t, 2> halves{0x3F80, 0x4000};  // bfloat16 1 and 2
  const WeightSource source("here",
                            {{"w", ElementType::kInt8, {2, 1}, stored(numbers), "file"},
                             {"w_scale", ElementType::kBfloat16, {2, 1}, stored(halves), "file"}});
  CHECK(values(source.read("w", {2, 1})) == std::vector<float>{3, -8});
}

TEST_CASE("int8 weights: scales that are none are refused, and named", "[weights][weight_source]") {
  const std::string object = "file: tensor \"w_scale\": expected ";
  const std::string of = ", the scales of \"w\", found ";
  CHECK(refusal(Int8Matrix({2}, {1, 1})) == object + "[2, 1]" + of + "[2]");
  CHECK(refusal(Int8Matrix({1, 2}, {1, 1})) == object + "[2, 1]" + of + "[1, 2]");
  CHECK(refusal(Int8Matrix({2, 1}, {1, 1}), {"w", {2, 3}, {{1, 2}}}) ==
        object + "[2, 2]" + of + "[2, 1]");
  for (const float bad :
       {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(refusal(Int8Matrix({2, 1}, {1, bad}))
              .starts_with(object + "finite numbers of at least 0, found "));
  }

  const std::array<std::int8_t, 2> numbers{};
  const StoredBytes bytes = stored(numbers);
  const StoredTensor lone{"w", ElementType::kInt8, {2, 1}, bytes, "file"};
  const WeightSource without("here", {lone});
  CHECK_THROWS_WITH(without.read("w", {2, 1}), object + "[2, 1]" + of + "nothing");
  const WeightSource whole("here", {lone, {"w_scale", ElementType::kInt8, {2, 1}, bytes, "file"}});
  CHECK_THROWS_WITH(whole.read("w", {2, 1}), object + "a floating-point type, found int8");
}

TEST_CASE("int8 weights: a vector is never int8", "[weights][weight_source]") {
  const std::array<std::int8_t, 2> numbers{};
  const WeightSource source("here", {{"bias", ElementType::kInt8, {2}, stored(numbers), "file"}});
  CHECK_THROWS_WITH(source.read("bias", {2}),
                    "file: tensor \"bias\": expected a floating-point type, found int8");
}

TEST_CASE("expect: scales belong to int8 parameters, and to nothing else",
          "[weights][weight_source]") {
  const std::vector<ParameterSpec> parameters{{"w", {2, 3}}};
  Int8Matrix matrix({2, 1}, {1, 1});
  CHECK_NOTHROW(matrix.source().expect(parameters, {}));
  CHECK_NOTHROW(matrix.source().expect({}, [](std::string_view name) { return name == "w"; }));

  const std::array<float, 1> one{1};
  matrix.add("v_scale", ElementType::kFloat32, {1, 1}, stored(one));
  CHECK_THROWS_WITH(matrix.source().expect(parameters, {}),
                    ContainsSubstring("tensor \"v_scale\": expected no tensor of this name"));
  const std::vector<ParameterSpec> floats{{"w", {2, 3}}, {"v", {1, 1}}};
  matrix.add("v", ElementType::kFloat32, {1, 1}, stored(one));
  CHECK_THROWS_WITH(matrix.source().expect(floats, {}),
                    ContainsSubstring("tensor \"v_scale\": expected no tensor of this name"));
}
