#include "checkpoints/safetensors_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "checkpoints/safetensors_format.hpp"
#include "files/byte_reader.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostDimensions = 16;

std::string tensor_object(std::string_view name, std::string_view field) {
  return "tensor \"" + std::string(name) + "\": " + std::string(field);
}

/// A tensor's place behind the header.
struct Extent {
  std::size_t begin;
  std::size_t end;
};

struct PlacedTensor {
  Extent extent;
  StoredTensor tensor;
};

/// One file while it is read.
class Reader {
 public:
  Reader(const StoredBytes& bytes, const std::string& file)
      : file_(file), header_(header_of(bytes)) {
    const std::size_t begin = kSafetensorsLengthSize + header_.size();
    data_ = bytes.subrange(begin, bytes.size() - begin);
  }

  std::vector<StoredTensor> read() const;

 private:
  std::string header_of(const StoredBytes& bytes) const;
  PlacedTensor read_tensor(const std::string& name, const Json& entry) const;
  ElementType read_type(const std::string& name, const Json& entry) const;
  Shape read_shape(const std::string& name, const Json& entry) const;
  Extent read_extent(const std::string& name, const Json& entry) const;
  /// Whether each tensor begins where the one before it ends, and the last ends with the file.
  void check_layout(std::span<const PlacedTensor> placed) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  const std::string& file_;
  std::string header_;
  StoredBytes data_;
};

std::string Reader::header_of(const StoredBytes& bytes) const {
  if (bytes.size() < kSafetensorsLengthSize) {
    throw mismatch("file size", "at least 8 bytes", std::to_string(bytes.size()));
  }
  std::array<std::byte, kSafetensorsLengthSize> prefix;
  bytes.read(0, prefix);
  const auto length = load_little_endian<std::uint64_t>(prefix.data());
  const std::size_t most = std::min(kMostHeaderBytes, bytes.size() - kSafetensorsLengthSize);
  if (length < 2 || length > most) {
    throw mismatch(
        "header length",
        "2 to " + std::to_string(most) + " bytes in a file of " + std::to_string(bytes.size()),
        std::to_string(length));
  }
  std::string header(static_cast<std::size_t>(length), '\0');
  bytes.read(kSafetensorsLengthSize, std::as_writable_bytes(std::span(header)));
  return header;
}

std::vector<StoredTensor> Reader::read() const {
  const JsonDocument header = parse_json(header_, file_);
  if (!header->is_object()) throw mismatch("header", "an object", header->type_name());
  std::vector<PlacedTensor> placed;
  placed.reserve(header->size());
  for (const auto& [name, entry] : header->items()) {
    if (name == kSafetensorsMetadata) {
      if (!entry.is_object() || !std::ranges::all_of(entry, &Json::is_string)) {
        throw mismatch(kSafetensorsMetadata, "an object of strings", entry.type_name());
      }
    } else {
      placed.push_back(read_tensor(name, entry));
    }
  }
  std::ranges::sort(placed, {}, [](const PlacedTensor& tensor) {
    return std::pair(tensor.extent.begin, tensor.extent.end);
  });
  check_layout(placed);
  std::vector<StoredTensor> tensors;
  tensors.reserve(placed.size());
  for (PlacedTensor& tensor : placed) tensors.push_back(std::move(tensor.tensor));
  return tensors;
}

PlacedTensor Reader::read_tensor(const std::string& name, const Json& entry) const {
  if (!entry.is_object()) {
    throw mismatch("tensor \"" + name + "\"", "an object", entry.type_name());
  }
  for (const auto& [key, value] : entry.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      throw mismatch("tensor \"" + name + "\"", "dtype, shape and data_offsets",
                     "also \"" + key + "\"");
    }
  }
  const ElementType type = read_type(name, entry);
  Shape shape = read_shape(name, entry);
  const Extent extent = read_extent(name, entry);

  std::size_t size = size_of(type);
  for (const std::size_t dimension : shape) {
    if (dimension != 0 && size > std::numeric_limits<std::size_t>::max() / dimension) {
      throw mismatch(tensor_object(name, "shape"), "a size in bytes that fits 64 bits",
                     to_string(shape));
    }
    size *= dimension;
  }
  if (extent.end - extent.begin != size) {
    throw mismatch(tensor_object(name, "data_offsets"),
                   std::to_string(size) + " bytes for " + std::string(to_string(type)) + " " +
                       to_string(shape),
                   std::to_string(extent.end - extent.begin));
  }
  return {extent, {name, type, std::move(shape), data_.subrange(extent.begin, size), file_}};
}

ElementType Reader::read_type(const std::string& name, const Json& entry) const {
  const auto field = entry.find("dtype");
  const std::string found = field == entry.end() ? "nothing"
                            : field->is_string() ? field->get<std::string>()
                                                 : field->type_name();
  const auto* const known =
      std::ranges::find(kSafetensorsTypes, found, &decltype(kSafetensorsTypes)::value_type::first);
  if (known != kSafetensorsTypes.end()) return known->second;
  std::string names;
  for (const auto& [type_name, type] : kSafetensorsTypes) {
    names.append(names.empty() ? "one of " : ", ").append(type_name);
  }
  throw mismatch(tensor_object(name, "dtype"), names, found);
}

Shape Reader::read_shape(const std::string& name, const Json& entry) const {
  const std::string object = tensor_object(name, "shape");
  const auto field = entry.find("shape");
  if (field == entry.end()) throw mismatch(object, "a list of dimensions", "nothing");
  if (!field->is_array()) throw mismatch(object, "a list of dimensions", field->type_name());
  if (field->size() > kMostDimensions) {
    throw mismatch(object, "at most " + std::to_string(kMostDimensions) + " dimensions",
                   std::to_string(field->size()));
  }
  Shape shape;
  for (const Json& dimension : *field) {
    if (!dimension.is_number_unsigned()) {
      throw mismatch(object, "whole numbers from 0", dimension.dump());
    }
    shape.push_back(dimension.get<std::size_t>());
  }
  return shape;
}

Extent Reader::read_extent(const std::string& name, const Json& entry) const {
  const std::string object = tensor_object(name, "data_offsets");
  const auto field = entry.find("data_offsets");
  if (field == entry.end()) throw mismatch(object, "two numbers", "nothing");
  if (!field->is_array() || field->size() != 2 ||
      !std::ranges::all_of(*field, &Json::is_number_unsigned)) {
    throw mismatch(object, "two whole numbers from 0",
                   field->is_array() && field->size() <= 2 ? field->dump() : field->type_name());
  }
  const Extent extent{(*field)[0].get<std::size_t>(), (*field)[1].get<std::size_t>()};
  if (extent.begin > extent.end || extent.end > data_.size()) {
    throw mismatch(
        object, "a range within the " + std::to_string(data_.size()) + " bytes behind the header",
        field->dump());
  }
  return extent;
}

void Reader::check_layout(std::span<const PlacedTensor> placed) const {
  std::size_t end = 0;
  for (const auto& [extent, tensor] : placed) {
    if (extent.begin != end) {
      throw mismatch(
          tensor_object(tensor.name, "data_offsets"),
          "a beginning at " + std::to_string(end) + ", where the tensor before it ends",
          std::to_string(extent.begin) + (extent.begin < end ? " (an overlap)" : " (a gap)"));
    }
    end = extent.end;
  }
  if (end != data_.size()) {
    throw mismatch("file size", std::to_string(end) + " bytes of tensors behind the header",
                   std::to_string(data_.size()));
  }
}

}  // namespace

std::vector<StoredTensor> read_safetensors(const StoredBytes& bytes, const std::string& file) {
  return Reader(bytes, file).read();
}

}  // namespace polytag
