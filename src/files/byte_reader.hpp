#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "polytag/error.hpp"

namespace polytag {

/// The unsigned number whose bytes, the lowest first, begin at `bytes`.
template <std::unsigned_integral T>
T load_little_endian(const std::byte* bytes) noexcept {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Walks forward through untrusted bytes; every step is checked against their end. Allocates
/// memory for errors alone.
class ByteReader {
 public:
  /// @param file    for messages; both are borrowed and must outlive the reader
  /// @param object  what the bytes are, for messages
  ByteReader(std::span<const std::byte> bytes, std::string_view file, std::string_view object)
      : bytes_(bytes), file_(file), object_(object) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t remaining() const noexcept { return bytes_.size() - position_; }
  std::string_view file() const noexcept { return file_; }
  std::string_view object() const noexcept { return object_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > remaining()) {
      throw mismatch(std::to_string(count) + " more bytes", std::to_string(remaining()));
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  std::string_view take_text(std::uint64_t count) { return as_text(take(count)); }

  /// A little-endian number of fixed width.
  template <std::unsigned_integral T>
  T take_fixed() {
    return load_little_endian<T>(take(sizeof(T)).data());
  }

  /// Eight bytes, the highest first.
  std::uint64_t take_big_endian() {
    std::uint64_t value = 0;
    for (const std::byte byte : take(sizeof(value))) {
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return value;
  }

  /// The text up to the next line feed, which is taken too.
  std::string_view take_line() {
    const std::string_view rest = as_text(bytes_.subspan(position_));
    const std::size_t size = rest.find('\n');
    if (size == std::string_view::npos) throw mismatch("the end of a line", "none");
    return take_text(size + 1).substr(0, size);
  }

  /// A number in groups of seven bits, the lowest first, each but the last with its top bit set.
  std::uint64_t take_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto group = take_fixed<std::uint8_t>();
      if (shift == 63 && group > 1) break;
      value |= std::uint64_t{group & 0x7FU} << shift;
      if (group < 0x80) return value;
    }
    throw mismatch("a number of at most 64 bits", "a longer one");
  }

  /// Names the place along with the object.
  FormatError mismatch(std::string_view expected, std::string_view found) const {
    const std::string place = std::string(object_) + ", byte " + std::to_string(position_);
    return FormatError::mismatch(file_, place, expected, found);
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view file_;
  std::string_view object_;
  std::size_t position_ = 0;
};

}  // namespace polytag
