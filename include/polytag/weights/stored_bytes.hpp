#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"

namespace polytag {

class RegularFile;

/// A range of bytes that lie in a file or in memory. A file stays open while ranges of it live, and
/// is read only where one is asked to. Cheap to copy; immutable; safe for concurrent use.
class POLYTAG_EXPORT StoredBytes {
 public:
  /// No bytes.
  StoredBytes() = default;
  /// Bytes in memory. @param owner  keeps them alive; none if they live long enough by themselves
  StoredBytes(std::span<const std::byte> memory, std::shared_ptr<const void> owner = nullptr);
  /// Bytes in memory, for as long as any range of them lives.
  explicit StoredBytes(AlignedBuffer<std::byte> memory);
  /// A whole file. @throws IoError if it cannot be opened or is not a regular file
  explicit StoredBytes(const std::filesystem::path& file);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Part of the range. @param offset, count  lie within it
  StoredBytes subrange(std::size_t offset, std::size_t count) const;

  /// Fills `out` with the bytes from `offset`, all of which lie within the range.
  /// @throws IoError if the file cannot be read, or has become shorter
  void read(std::size_t offset, std::span<std::byte> out) const;
  /// All bytes at once. @throws as above; std::bad_alloc
  AlignedBuffer<std::byte> read() const;

  /// Shows all bytes from first to last, in pieces that are multiples of kAlignment but for the
  /// last, so that however large the range is, little of it is in memory. @throws as above
  void for_each_piece(const std::function<void(std::span<const std::byte>)>& visit) const;

 private:
  std::shared_ptr<const RegularFile> file_;  // or null, for bytes in memory
  std::shared_ptr<const void> owner_;
  const std::byte* memory_ = nullptr;
  std::uint64_t offset_ = 0;  // in the file
  std::size_t size_ = 0;
};

}  // namespace polytag
