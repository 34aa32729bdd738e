#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// A safetensors file by hand: the length, the header, the data, whatever they are.
inline std::string safetensors_bytes(std::string_view header, std::string_view data,
                                     std::uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(length >> (8 * i) & 0xFF));
  return bytes.append(header).append(data);
}

inline std::string safetensors_bytes(std::string_view header, std::string_view data) {
  return safetensors_bytes(header, data, header.size());
}

/// A file of one tensor named "w".
inline std::string one_tensor(std::string_view type, std::string_view shape,
                              std::string_view offsets, std::string_view data) {
  std::string header = R"({"w": {"dtype": )";
  header.append(type).append(R"(, "shape": )").append(shape);
  header.append(R"(, "data_offsets": )").append(offsets).append("}}");
  return safetensors_bytes(header, data);
}
