#include "polytag/core/precision.hpp"

#include <array>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::array kNames{
    std::pair{Precision::kFloat32, std::string_view("float32")},
    std::pair{Precision::kBfloat16, std::string_view("bfloat16")},
    std::pair{Precision::kInt8, std::string_view("int8")},
    std::pair{Precision::kAuto, std::string_view("auto")},
};

}  // namespace

std::string_view to_string(Precision precision) noexcept {
  for (const auto& [value, name] : kNames) {
    if (value == precision) return name;
  }
  return "unknown";
}

Precision parse_precision(std::string_view name) {
  std::string known;
  for (const auto& [value, known_name] : kNames) {
    if (known_name == name) return value;
    known.append(known.empty() ? "one of " : ", ").append(known_name);
  }
  throw ArgumentError::mismatch("precision", known, "\"" + std::string(name) + "\"");
}

}  // namespace polytag
