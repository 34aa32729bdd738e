#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "polytag/error.hpp"

namespace polytag::text {

/// A message of protocol buffers, field by field. Reads no byte beyond it, whatever they say.
class ProtocolBuffer {
 public:
  /// @param name  of the message, for messages
  ProtocolBuffer(std::string_view bytes, std::string_view file, std::string name)
      : rest_(bytes), file_(file), name_(std::move(name)) {}

  /// Whether there is another field, which the functions below are about then.
  /// @throws FormatError for what is no field
  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    number_ = key >> 3;
    type_ = static_cast<unsigned>(key & 7);
    if (number_ == 0) throw refuse("a field of a number from 1", "0");
    switch (type_) {
      case kVarint:
        integer_ = varint();
        break;
      case kFixed64:
        bytes_ = take(8);
        break;
      case kBytes:
        bytes_ = take(varint());
        break;
      case kFixed32:
        bytes_ = take(4);
        break;
      default:
        throw refuse("a varint, bytes, or 4 or 8 of them", "wire type " + std::to_string(type_));
    }
    return true;
  }

  std::uint64_t number() const noexcept { return number_; }

  std::uint64_t integer() const {
    expect(kVarint, "a varint");
    return integer_;
  }
  std::string_view bytes() const {
    expect(kBytes, "bytes");
    return bytes_;
  }
  float number32() const {
    expect(kFixed32, "4 bytes");
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes_.data(), sizeof(bits));
    return std::bit_cast<float>(bits);
  }

  FormatError refuse(std::string_view expected, std::string_view found) const {
    std::string object = name_;
    if (number_ > 0) object += ", field " + std::to_string(number_);
    return FormatError::mismatch(file_, object, expected, found);
  }

 private:
  enum : unsigned { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  void expect(unsigned type, std::string_view words) const {
    if (type_ != type) throw refuse(words, "wire type " + std::to_string(type_));
  }

  std::uint64_t varint() {
    constexpr unsigned kMostBytes = 10;
    std::uint64_t value = 0;
    for (unsigned index = 0; index < kMostBytes && index < rest_.size(); ++index) {
      const auto byte = static_cast<unsigned char>(rest_[index]);
      value |= std::uint64_t{byte & 0x7FU} << (7 * index);
      if (byte >= 0x80) continue;
      rest_.remove_prefix(index + 1);
      return value;
    }
    throw refuse("a varint of at most 10 bytes", "none that ends");
  }

  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      throw refuse(std::to_string(size) + " bytes", std::to_string(rest_.size()));
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  std::string_view file_;
  std::string name_;
  std::uint64_t number_ = 0;
  unsigned type_ = 0;
  std::uint64_t integer_ = 0;
  std::string_view bytes_;
};

}  // namespace polytag::text
