#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/weights/weight_source.hpp"
#include "support/catch.hpp"

/// The files of tests/data/checkpoints, and what torch.save put into them.
namespace torch_fixtures {

inline std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(POLYTAG_TEST_DATA) / "checkpoints" / name;
}

inline std::vector<float> values(const polytag::WeightSource& source, std::string_view name,
                                 const polytag::Shape& shape) {
  const polytag::Tensor tensor = source.read(name, shape);
  return {tensor.span().begin(), tensor.span().end()};
}

inline std::vector<float> counting(float first, std::size_t count, float step = 1) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + step * static_cast<float>(i);
  return numbers;
}

/// The weights of the linear layer that most fixtures hold.
inline void check_linear(const polytag::WeightSource& source) {
  REQUIRE(source.tensors().size() == 2);
  CHECK(values(source, "weight", {2, 3}) == counting(0, 6));
  CHECK(values(source, "bias", {2}) == std::vector<float>{-1, 1});
}

}  // namespace torch_fixtures
