#include "checkpoints/bundle_messages.hpp"

#include <limits>
#include <string>

#include "checkpoints/protobuf_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostDimensions = 16;
/// The version of the format that is read.
constexpr std::uint64_t kVersion = 1;

}  // namespace

void check_checkpoint_version(std::span<const std::byte> message, std::string_view file) {
  ProtobufReader version(message, file, "header, version");
  while (const auto part = version.next()) {
    if (part->number() == 2 && part->varint() > kVersion) {
      throw FormatError::mismatch(file, "header", "version " + std::to_string(kVersion),
                                  "one for readers of version " + std::to_string(part->varint()));
    }
  }
}

std::optional<ElementType> tensorflow_type(std::uint64_t data_type) {
  switch (data_type) {
    case 1:
      return ElementType::kFloat32;
    case 2:
      return ElementType::kFloat64;
    case 3:
      return ElementType::kInt32;
    case 4:
      return ElementType::kUint8;
    case 5:
      return ElementType::kInt16;
    case 6:
      return ElementType::kInt8;
    case 9:
      return ElementType::kInt64;
    case 10:
      return ElementType::kBool;
    case 14:
      return ElementType::kBfloat16;
    case 19:
      return ElementType::kFloat16;
    default:
      return std::nullopt;
  }
}

Shape read_tensor_shape(std::span<const std::byte> message, std::string_view file,
                        std::string_view object) {
  Shape shape;
  ProtobufReader reader(message, file, object);
  while (const auto field = reader.next()) {
    if (field->number() == 3 && field->varint() != 0) {
      throw FormatError::mismatch(file, object, "a shape", "an unknown one");
    }
    if (field->number() != 2) continue;
    std::uint64_t size = 0;
    ProtobufReader dimension(field->bytes(), file, object);
    while (const auto part = dimension.next()) {
      if (part->number() == 1) size = part->varint();
    }
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw FormatError::mismatch(file, object, "dimensions of at least 0",
                                  std::to_string(static_cast<std::int64_t>(size)));
    }
    if (shape.size() == kMostDimensions) {
      throw FormatError::mismatch(
          file, object, "at most " + std::to_string(kMostDimensions) + " dimensions", "more");
    }
    shape.push_back(static_cast<std::size_t>(size));
  }
  return shape;
}

BundleHeader read_bundle_header(std::span<const std::byte> message, std::string_view file) {
  constexpr std::string_view kObject = "header";
  BundleHeader header;
  ProtobufReader reader(message, file, kObject);
  while (const auto field = reader.next()) {
    if (field->number() == 1) header.shards = field->varint();
    if (field->number() == 2 && field->varint() != 0) {
      throw FormatError::mismatch(file, kObject, "little-endian tensors", "big-endian ones");
    }
    if (field->number() == 3) {
      check_checkpoint_version(field->bytes(), file);
    }
  }
  if (header.shards == 0 || header.shards > std::numeric_limits<std::int32_t>::max()) {
    throw FormatError::mismatch(file, kObject, "1 to 2147483647 data files",
                                std::to_string(header.shards));
  }
  return header;
}

BundleEntry read_bundle_entry(std::span<const std::byte> message, std::string_view file,
                              std::string_view object) {
  BundleEntry entry;
  ProtobufReader reader(message, file, object);
  while (const auto field = reader.next()) {
    switch (field->number()) {
      case 1:
        entry.data_type = field->varint();
        break;
      case 2:
        entry.shape = read_tensor_shape(field->bytes(), file, object);
        break;
      case 3:
        entry.shard = field->varint();
        break;
      case 4:
        entry.offset = field->varint();
        break;
      case 5:
        entry.size = field->varint();
        break;
      case 6:
        entry.masked_crc = field->fixed32();
        break;
      case 7:
        throw FormatError::mismatch(file, object, "a whole variable",
                                    "one in slices; save it again without a partitioner");
      default:
        break;
    }
  }
  return entry;
}

}  // namespace polytag
