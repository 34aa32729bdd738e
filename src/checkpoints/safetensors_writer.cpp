#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "checkpoints/safetensors_format.hpp"
#include "files/json.hpp"
#include "files/new_file.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

std::string_view name_of(ElementType type) {
  return std::ranges::find(kSafetensorsTypes, type,
                           &decltype(kSafetensorsTypes)::value_type::second)
      ->first;
}

void check(const TensorToWrite& tensor) {
  const std::size_t size = size_of(tensor.type);
  if (tensor.bytes.size() % size != 0 ||
      tensor.bytes.size() / size != element_count(tensor.shape)) {
    throw ArgumentError::mismatch(
        "tensor \"" + tensor.name + "\"",
        "the bytes of " + std::string(to_string(tensor.type)) + " " + to_string(tensor.shape),
        std::to_string(tensor.bytes.size()) + " bytes");
  }
}

/// A text as a JSON string, with its quotes.
std::string in_json(std::string_view text) {
  try {
    return Json(text).dump();
  } catch (const Json::exception& error) {
    throw ArgumentError::mismatch("tensors", "names and metadata in UTF-8", error.what());
  }
}

std::string header_of(std::span<const TensorToWrite> tensors,
                      const std::map<std::string, std::string>& metadata) {
  std::string header = "{";
  const auto add = [&](std::string_view name, std::string_view value) {
    header.append(header.size() > 1 ? "," : "").append(in_json(name)).append(":").append(value);
  };
  if (!metadata.empty()) {
    std::string texts;
    for (const auto& [key, text] : metadata) {
      texts.append(texts.empty() ? "{" : ",")
          .append(in_json(key))
          .append(":")
          .append(in_json(text));
    }
    add(kSafetensorsMetadata, texts + "}");
  }
  std::set<std::string_view> names{kSafetensorsMetadata};
  std::size_t begin = 0;
  for (const TensorToWrite& tensor : tensors) {
    check(tensor);
    if (!names.insert(tensor.name).second) {
      throw ArgumentError::mismatch(
          "tensors",
          "names that differ from each other and are not " + std::string(kSafetensorsMetadata),
          "\"" + tensor.name + "\" again");
    }
    const std::size_t end = begin + tensor.bytes.size();
    add(tensor.name, "{\"dtype\":\"" + std::string(name_of(tensor.type)) +
                         "\",\"shape\":" + to_string(tensor.shape) + ",\"data_offsets\":[" +
                         std::to_string(begin) + "," + std::to_string(end) + "]}");
    begin = end;
  }
  return header + "}";
}

}  // namespace

void write_safetensors(const std::filesystem::path& file, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::stop_token& stop) {
  std::string header = header_of(tensors, metadata);
  // Blanks behind the document bring the first tensor to an aligned place.
  const std::size_t unpadded = kSafetensorsLengthSize + header.size();
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');

  std::array<std::byte, kSafetensorsLengthSize> length;
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<std::byte>(std::uint64_t{header.size()} >> (8 * i) & 0xFF);
  }
  NewFile out(file);
  out.write(length);
  out.write(header);
  for (const TensorToWrite& tensor : tensors) {
    if (stop.stop_requested()) throw CancelledError::requested();
    tensor.bytes.for_each_piece([&](std::span<const std::byte> piece) { out.write(piece); });
  }
  out.commit();
}

}  // namespace polytag
