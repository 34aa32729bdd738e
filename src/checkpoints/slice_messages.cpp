#include "checkpoints/slice_messages.hpp"

#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "checkpoints/bundle_messages.hpp"
#include "checkpoints/protobuf_reader.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using Bytes = std::span<const std::byte>;

/// TensorSliceProto: a dimension that is whole has neither a start nor a length.
void check_whole(Bytes slice, std::string_view file, std::string_view object) {
  ProtobufReader reader(slice, file, object);
  while (const auto field = reader.next()) {
    if (field->number() == 1 && !field->bytes().empty()) {
      throw FormatError::mismatch(file, object, "a whole variable",
                                  "a slice of it; save it again without a partitioner");
    }
  }
}

ListedVariable read_listed(Bytes message, std::string_view file) {
  ListedVariable variable;
  std::string object = "a variable";
  ProtobufReader reader(message, file, "list of variables");
  while (const auto field = reader.next()) {
    switch (field->number()) {
      case 1:
        variable.name = as_text(field->bytes());
        object = "tensor \"" + std::string(variable.name) + "\"";
        break;
      case 2:
        variable.shape = read_tensor_shape(field->bytes(), file, object);
        break;
      case 3:
        variable.data_type = field->varint();
        break;
      case 4:
        check_whole(field->bytes(), file, object);
        break;
      default:
        break;
    }
  }
  return variable;
}

/// The field of TensorProto that holds numbers of a type, and whether they are varints there.
struct NumbersField {
  std::uint64_t number;
  bool varints;
};

NumbersField field_of(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return {5, false};
    case ElementType::kFloat64:
      return {6, false};
    case ElementType::kInt64:
      return {10, true};
    case ElementType::kBool:
      return {11, true};
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
      return {13, true};
    case ElementType::kInt32:
    case ElementType::kInt16:
    case ElementType::kInt8:
    case ElementType::kUint8:
      break;
  }
  return {7, true};
}

/// Whether a varint is a number of so many bytes, signed or not.
bool fits(std::uint64_t value, std::size_t width) {
  if (width == sizeof(value)) return true;
  const std::uint64_t values = std::uint64_t{1} << (8 * width);
  return value < values || value >= ~std::uint64_t{0} - (values / 2 - 1);
}

StoredBytes decode_varints(Bytes packed, std::size_t width, std::uint64_t count,
                           std::string_view file, std::string_view object) {
  ByteReader reader(packed, file, object);
  const auto wrong_count = [&](std::string_view found) {
    return FormatError::mismatch(file, object, std::to_string(count) + " numbers", found);
  };
  if (count > packed.size()) throw wrong_count(std::to_string(packed.size()) + " bytes of them");
  AlignedBuffer<std::byte> numbers(static_cast<std::size_t>(count) * width);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t value = reader.take_varint();
    if (!fits(value, width)) {
      throw reader.mismatch("numbers of " + std::to_string(width) + " bytes",
                            std::to_string(value));
    }
    std::memcpy(numbers.data() + i * width, &value, width);
  }
  if (reader.remaining() > 0) throw wrong_count("more");
  return StoredBytes(std::move(numbers));
}

}  // namespace

void read_listed_variables(Bytes message, std::string_view file,
                           const std::function<void(const ListedVariable&)>& visit) {
  constexpr std::string_view kObject = "list of variables";
  ProtobufReader reader(message, file, kObject);
  while (const auto field = reader.next()) {
    if (field->number() != 1) continue;
    ProtobufReader list(field->bytes(), file, kObject);
    while (const auto part = list.next()) {
      if (part->number() == 1) visit(read_listed(part->bytes(), file));
      if (part->number() == 2) check_checkpoint_version(part->bytes(), file);
    }
  }
}

SavedVariable read_saved_variable(Bytes message, std::string_view file, std::string_view object) {
  SavedVariable variable;
  ProtobufReader reader(message, file, object);
  while (const auto field = reader.next()) {
    if (field->number() != 2) continue;
    ProtobufReader slice(field->bytes(), file, object);
    while (const auto part = slice.next()) {
      if (part->number() == 1) variable.name = as_text(part->bytes());
      if (part->number() == 2) check_whole(part->bytes(), file, object);
      if (part->number() == 3) variable.tensor = part->bytes();
    }
  }
  return variable;
}

StoredBytes read_numbers(Bytes tensor, const TableValue& value, ElementType type,
                         std::uint64_t count, std::string_view file, std::string_view object) {
  constexpr std::uint64_t kContent = 4;
  const std::size_t width = size_of(type);
  const NumbersField expected = field_of(type);
  std::optional<Bytes> numbers;
  bool varints = false;
  ProtobufReader reader(tensor, file, object);
  while (const auto field = reader.next()) {
    if (field->number() != kContent && field->number() != expected.number) continue;
    if (numbers) throw FormatError::mismatch(file, object, "its numbers once", "twice");
    numbers = field->bytes();
    varints = expected.varints && field->number() != kContent;
  }
  if (!numbers) numbers = Bytes();
  if (varints) return decode_varints(*numbers, width, count, file, object);
  if (count > std::numeric_limits<std::uint64_t>::max() / width ||
      numbers->size() != count * width) {
    throw FormatError::mismatch(file, object, std::to_string(count) + " numbers",
                                std::to_string(numbers->size()) + " bytes");
  }
  if (numbers->empty()) return {};
  const auto offset = static_cast<std::size_t>(numbers->data() - value.bytes.data());
  return value.stored.subrange(offset, numbers->size());
}

}  // namespace polytag
