#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/json.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace polytag::test {

/// A file or folder of a golden: among the tests' own data, or else in the large collection beside
/// the project. Nothing where neither has it: the case is skipped and returns.
inline std::optional<std::filesystem::path> find_golden(const std::string& name) {
  for (const std::filesystem::path& root :
       {std::filesystem::path(POLYTAG_TEST_DATA), std::filesystem::path(POLYTAG_SHARED)}) {
    if (const auto found = root / "golden" / name; exists(found)) return found;
  }
  skip("golden/" + name + " is not on this machine");
  return std::nullopt;
}

/// Reads a JSON file of a golden.
inline Json read_golden_json(const std::filesystem::path& file) {
  return parse_json(read_text_file(file.string(), std::size_t{1} << 30), file.string());
}

/// A tensor of a golden in whatever shape it has.
inline Tensor read_golden_tensor(const WeightSource& source, const std::string& name) {
  const StoredTensor* const stored = source.find(name);
  REQUIRE(stored != nullptr);
  return source.read(name, stored->shape);
}

/// How far apart two lists of numbers are, in units of the tolerance
/// `absolute + relative * |expected|`: at most 1 passes.
struct Distance {
  double worst = 0;           // in units of the tolerance
  double worst_absolute = 0;  // plain difference
  std::size_t index = 0;      // of the worst
};

inline Distance distance(std::span<const float> found, std::span<const float> expected,
                         double absolute, double relative) {
  REQUIRE(found.size() == expected.size());
  Distance result;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - expected[i]);
    const double units =
        difference / (absolute + relative * std::abs(static_cast<double>(expected[i])));
    result.worst_absolute = std::max(result.worst_absolute, difference);
    if (!(units <= result.worst)) result.worst = units, result.index = i;  // NaN counts as worst
  }
  return result;
}

}  // namespace polytag::test
