#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "files/byte_reader.hpp"

namespace polytag {

/// One field of a protocol buffer message on the wire
/// (https://protobuf.dev/programming-guides/encoding).
class ProtobufField {
 public:
  std::uint64_t number() const noexcept { return number_; }

  /// @throws FormatError if the field is no varint
  std::uint64_t varint() const { return expect(kVarint, "a varint"), value_; }
  /// @throws FormatError if the field is not four bytes wide
  std::uint32_t fixed32() const {
    return expect(kFixed32, "a number of 32 bits"), static_cast<std::uint32_t>(value_);
  }
  /// The bytes of a nested message or string. @throws FormatError if the field is neither
  std::span<const std::byte> bytes() const { return expect(kBytes, "a nested message"), bytes_; }

  FormatError mismatch(std::string_view expected, std::string_view found) const {
    return FormatError::mismatch(file_, std::string(object_) + ", field " + std::to_string(number_),
                                 expected, found);
  }

 private:
  friend class ProtobufReader;
  enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  void expect(std::uint64_t wire_type, std::string_view name) const {
    if (wire_type_ != wire_type) throw mismatch(name, "wire type " + std::to_string(wire_type_));
  }

  std::string_view file_;
  std::string_view object_;
  std::uint64_t number_ = 0;
  std::uint64_t wire_type_ = 0;
  std::uint64_t value_ = 0;
  std::span<const std::byte> bytes_;
};

/// Walks through the fields of a message, without a schema.
class ProtobufReader {
 public:
  /// `file` and `object` are borrowed and must outlive the reader and its fields.
  ProtobufReader(std::span<const std::byte> message, std::string_view file, std::string_view object)
      : reader_(message, file, object) {}

  /// The next field, or nothing at the end. @throws FormatError for bytes that are no field
  std::optional<ProtobufField> next() {
    if (reader_.remaining() == 0) return std::nullopt;
    const std::uint64_t tag = reader_.take_varint();
    ProtobufField field;
    field.file_ = reader_.file();
    field.object_ = reader_.object();
    field.number_ = tag >> 3;
    field.wire_type_ = tag & 7U;
    if (field.number_ == 0) throw reader_.mismatch("a field number from 1", "0");
    switch (field.wire_type_) {
      case ProtobufField::kVarint:
        field.value_ = reader_.take_varint();
        break;
      case ProtobufField::kFixed64:
        field.value_ = reader_.take_fixed<std::uint64_t>();
        break;
      case ProtobufField::kFixed32:
        field.value_ = reader_.take_fixed<std::uint32_t>();
        break;
      case ProtobufField::kBytes:
        field.bytes_ = reader_.take(reader_.take_varint());
        break;
      default:
        throw reader_.mismatch("a wire type of 0, 1, 2 or 5", std::to_string(field.wire_type_));
    }
    return field;
  }

 private:
  ByteReader reader_;
};

}  // namespace polytag
