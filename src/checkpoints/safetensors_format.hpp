#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

// A safetensors file is the length of its header (8 bytes, little-endian), the header (a JSON
// object of tensors by name), and the bytes of the tensors.

inline constexpr std::size_t kSafetensorsLengthSize = 8;

/// Upper bound of the size of a header, which leaves room for the names of some hundred
/// thousand tensors. JSON takes several times as much memory once it is parsed.
inline constexpr std::size_t kMostHeaderBytes = std::size_t{1} << 24;

/// The header's key that names no tensor.
inline constexpr std::string_view kSafetensorsMetadata = "__metadata__";

inline constexpr std::array<std::pair<std::string_view, ElementType>, 10> kSafetensorsTypes{{
    {"F64", ElementType::kFloat64},
    {"F32", ElementType::kFloat32},
    {"F16", ElementType::kFloat16},
    {"BF16", ElementType::kBfloat16},
    {"I64", ElementType::kInt64},
    {"I32", ElementType::kInt32},
    {"I16", ElementType::kInt16},
    {"I8", ElementType::kInt8},
    {"U8", ElementType::kUint8},
    {"BOOL", ElementType::kBool},
}};

}  // namespace polytag
