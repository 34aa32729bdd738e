#include "checkpoints/zip_directory.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "files/byte_reader.hpp"
#include "polytag/core/tensor.hpp"

namespace polytag {

namespace {

constexpr std::uint32_t kEnd = 0x06054B50, kZip64End = 0x06064B50, kZip64Locator = 0x07064B50;
constexpr std::size_t kEndSize = 22, kZip64LocatorSize = 20, kZip64EndSize = 56;
constexpr std::size_t kDirectoryHeaderSize = 46;
/// Upper bound of the size of a directory, which leaves room for some hundred thousand members.
constexpr std::size_t kMostDirectoryBytes = std::size_t{1} << 26;
/// A field with one of these values is a placeholder: the number is in the Zip64 end record.
constexpr std::uint32_t kElsewhere32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kElsewhere16 = std::numeric_limits<std::uint16_t>::max();

/// Reads the records at the end of an archive.
class EndReader {
 public:
  EndReader(const StoredBytes& bytes, std::string_view file)
      : bytes_(bytes),
        file_(file),
        tail_begin_(bytes.size() - std::min(bytes.size(), kMostTailSize)),
        tail_(bytes.subrange(tail_begin_, bytes.size() - tail_begin_).read()) {}

  ZipDirectory read() const;

 private:
  /// Upper bound of what follows the directory: a locator, the end record and a comment.
  static constexpr std::size_t kMostTailSize = kZip64LocatorSize + kEndSize + kElsewhere16;

  const std::byte* at(std::size_t position) const {
    return tail_.data() + (position - tail_begin_);
  }
  bool signature_at(std::size_t position, std::uint32_t signature) const {
    return load_little_endian<std::uint32_t>(at(position)) == signature;
  }
  std::size_t find_end() const;
  std::optional<ZipDirectory> zip64_place(std::size_t end) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  const StoredBytes& bytes_;
  std::string_view file_;
  std::size_t tail_begin_;
  AlignedBuffer<std::byte> tail_;
};

/// The end record stands last, in front of a comment of at most 65535 bytes.
std::size_t EndReader::find_end() const {
  if (bytes_.size() >= kEndSize) {
    const std::size_t last = bytes_.size() - kEndSize;
    for (std::size_t comment = 0; comment <= std::min<std::size_t>(last, kElsewhere16); ++comment) {
      const std::size_t position = last - comment;
      if (signature_at(position, kEnd) &&
          load_little_endian<std::uint16_t>(at(position) + 20) == comment) {
        return position;
      }
    }
  }
  throw mismatch("zip archive", "a central directory at its end",
                 "none in " + std::to_string(bytes_.size()) + " bytes (is the file cut short?)");
}

std::optional<ZipDirectory> EndReader::zip64_place(std::size_t end) const {
  if (end < kZip64LocatorSize + kZip64EndSize ||
      !signature_at(end - kZip64LocatorSize, kZip64Locator)) {
    return std::nullopt;
  }
  constexpr std::string_view kObject = "Zip64 end record";
  const std::size_t last = end - kZip64LocatorSize - kZip64EndSize;
  const auto position = load_little_endian<std::uint64_t>(at(end - kZip64LocatorSize) + 8);
  if (position > last) {
    throw mismatch(kObject, "a place at most at byte " + std::to_string(last),
                   std::to_string(position));
  }
  const auto record = bytes_.subrange(static_cast<std::size_t>(position), kZip64EndSize).read();
  ByteReader reader(record.span(), file_, kObject);
  if (reader.take_fixed<std::uint32_t>() != kZip64End) {
    throw mismatch(kObject, "its signature", "other bytes");
  }
  reader.take(28);  // size, versions, disks and the members on this disk
  ZipDirectory directory{};
  directory.members = reader.take_fixed<std::uint64_t>();
  directory.size = reader.take_fixed<std::uint64_t>();
  directory.offset = reader.take_fixed<std::uint64_t>();
  return directory;
}

ZipDirectory EndReader::read() const {
  constexpr std::string_view kObject = "central directory";
  const std::size_t end = find_end();
  ByteReader reader({at(end), kEndSize}, file_, kObject);
  reader.take(10);  // signature, disks and the members on this disk
  const auto members = reader.take_fixed<std::uint16_t>();
  const auto size = reader.take_fixed<std::uint32_t>();
  const auto offset = reader.take_fixed<std::uint32_t>();
  ZipDirectory directory{members, size, offset};
  if (const auto wide = zip64_place(end)) {
    if ((members != kElsewhere16 && members != wide->members) ||
        (size != kElsewhere32 && size != wide->size) ||
        (offset != kElsewhere32 && offset != wide->offset)) {
      throw mismatch(kObject, "one place", "another in the Zip64 end record");
    }
    directory = *wide;
  }
  if (directory.offset > end || directory.size > end - directory.offset) {
    throw mismatch(
        kObject, "a place in front of byte " + std::to_string(end),
        std::to_string(directory.size) + " bytes at " + std::to_string(directory.offset));
  }
  if (directory.members > directory.size / kDirectoryHeaderSize) {
    throw mismatch(kObject, "room for " + std::to_string(directory.members) + " members",
                   std::to_string(directory.size) + " bytes");
  }
  if (directory.size > kMostDirectoryBytes) {
    throw mismatch(kObject, "at most " + std::to_string(kMostDirectoryBytes) + " bytes",
                   std::to_string(directory.size));
  }
  return directory;
}

}  // namespace

ZipDirectory find_zip_directory(const StoredBytes& bytes, std::string_view file) {
  return EndReader(bytes, file).read();
}

}  // namespace polytag
