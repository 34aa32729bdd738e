#include "checkpoints/zip_archive.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "checkpoints/byte_reader.hpp"
#include "checkpoints/crc32.hpp"

namespace polytag {

namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50, kDirectoryHeader = 0x02014B50;
constexpr std::uint32_t kEnd = 0x06054B50, kZip64End = 0x06064B50, kZip64Locator = 0x07064B50;
constexpr std::size_t kEndSize = 22, kZip64LocatorSize = 20, kZip64EndSize = 56;
constexpr std::size_t kDirectoryHeaderSize = 46;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
/// A field that is all ones stands elsewhere, in 64 bits.
constexpr std::uint32_t kElsewhere32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint16_t kElsewhere16 = std::numeric_limits<std::uint16_t>::max();

/// Where the central directory lies, and how many members it lists.
struct Directory {
  std::uint64_t members;
  std::uint64_t size;
  std::uint64_t offset;
};

/// What a header in the central directory says of a member.
struct Listed {
  std::string_view name;
  std::uint16_t flags;
  std::uint16_t method;
  std::uint32_t crc;
  std::uint64_t stored_size;
  std::uint64_t size;
  std::uint64_t offset;  // of the local header
};

class ArchiveReader {
 public:
  ArchiveReader(std::span<const std::byte> bytes, std::string_view file)
      : bytes_(bytes), file_(file) {}

  std::vector<ZipArchive::Member> read();

 private:
  bool signature_at(std::size_t position, std::uint32_t signature) const {
    return load_little_endian<std::uint32_t>(bytes_.data() + position) == signature;
  }
  std::size_t find_end() const;
  Directory find_directory() const;
  std::optional<Directory> zip64_directory(std::size_t end) const;
  Listed read_listed(ByteReader& directory) const;
  ZipArchive::Member locate(const Listed& listed, std::size_t directory_offset) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  std::span<const std::byte> bytes_;
  std::string_view file_;
};

std::string member_object(std::string_view name) { return "member \"" + std::string(name) + "\""; }

/// The end record stands last, in front of a comment of at most 65535 bytes.
std::size_t ArchiveReader::find_end() const {
  if (bytes_.size() >= kEndSize) {
    const std::size_t last = bytes_.size() - kEndSize;
    for (std::size_t comment = 0; comment <= std::min<std::size_t>(last, kElsewhere16); ++comment) {
      const std::size_t position = last - comment;
      if (signature_at(position, kEnd) &&
          load_little_endian<std::uint16_t>(bytes_.data() + position + 20) == comment) {
        return position;
      }
    }
  }
  throw mismatch("zip archive", "a central directory at its end",
                 "none in " + std::to_string(bytes_.size()) + " bytes (is the file cut short?)");
}

std::optional<Directory> ArchiveReader::zip64_directory(std::size_t end) const {
  if (end < kZip64LocatorSize + kZip64EndSize ||
      !signature_at(end - kZip64LocatorSize, kZip64Locator)) {
    return std::nullopt;
  }
  constexpr std::string_view kObject = "Zip64 end record";
  const std::size_t last = end - kZip64LocatorSize - kZip64EndSize;
  const auto position =
      load_little_endian<std::uint64_t>(bytes_.data() + end - kZip64LocatorSize + 8);
  if (position > last) {
    throw mismatch(kObject, "a place at most at byte " + std::to_string(last),
                   std::to_string(position));
  }
  ByteReader reader(bytes_.subspan(static_cast<std::size_t>(position), kZip64EndSize), file_,
                    kObject);
  if (reader.take_fixed<std::uint32_t>() != kZip64End) {
    throw mismatch(kObject, "its signature", "other bytes");
  }
  reader.take(28);  // size, versions, disks and the members on this disk
  Directory directory{};
  directory.members = reader.take_fixed<std::uint64_t>();
  directory.size = reader.take_fixed<std::uint64_t>();
  directory.offset = reader.take_fixed<std::uint64_t>();
  return directory;
}

Directory ArchiveReader::find_directory() const {
  constexpr std::string_view kObject = "central directory";
  const std::size_t end = find_end();
  ByteReader reader(bytes_.subspan(end, kEndSize), file_, kObject);
  reader.take(10);  // signature, disks and the members on this disk
  const auto members = reader.take_fixed<std::uint16_t>();
  const auto size = reader.take_fixed<std::uint32_t>();
  const auto offset = reader.take_fixed<std::uint32_t>();
  Directory directory{members, size, offset};
  if (const auto wide = zip64_directory(end)) {
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
  return directory;
}

/// Replaces what a header could not hold by the 64 bits in its extra field 1.
void widen(Listed& listed, std::span<const std::byte> extra, std::string_view file) {
  ByteReader fields(extra, file, "extra fields of a member");
  while (fields.remaining() >= 4) {
    const auto id = fields.take_fixed<std::uint16_t>();
    const auto field = fields.take(fields.take_fixed<std::uint16_t>());
    if (id != 1) continue;
    ByteReader wide(field, file, "Zip64 field of a member");
    for (std::uint64_t* const value : {&listed.size, &listed.stored_size, &listed.offset}) {
      if (*value == kElsewhere32) *value = wide.take_fixed<std::uint64_t>();
    }
    return;
  }
}

Listed ArchiveReader::read_listed(ByteReader& directory) const {
  if (directory.take_fixed<std::uint32_t>() != kDirectoryHeader) {
    throw directory.mismatch("a member's signature before it", "other bytes");
  }
  Listed listed{};
  directory.take(4);  // versions
  listed.flags = directory.take_fixed<std::uint16_t>();
  listed.method = directory.take_fixed<std::uint16_t>();
  directory.take(4);  // time
  listed.crc = directory.take_fixed<std::uint32_t>();
  listed.stored_size = directory.take_fixed<std::uint32_t>();
  listed.size = directory.take_fixed<std::uint32_t>();
  const auto name_size = directory.take_fixed<std::uint16_t>();
  const auto extra_size = directory.take_fixed<std::uint16_t>();
  const auto comment_size = directory.take_fixed<std::uint16_t>();
  directory.take(8);  // disk and attributes
  listed.offset = directory.take_fixed<std::uint32_t>();
  listed.name = directory.take_text(name_size);
  widen(listed, directory.take(extra_size), file_);
  directory.take(comment_size);
  return listed;
}

/// Finds the bytes of a member behind its local header.
ZipArchive::Member ArchiveReader::locate(const Listed& listed, std::size_t directory_offset) const {
  const std::string object = member_object(listed.name);
  const auto before_directory = bytes_.first(directory_offset);
  if (listed.offset > before_directory.size()) {
    throw mismatch(object, "a place in front of byte " + std::to_string(directory_offset),
                   std::to_string(listed.offset));
  }
  ByteReader reader(before_directory.subspan(static_cast<std::size_t>(listed.offset)), file_,
                    object);
  if (reader.take_fixed<std::uint32_t>() != kLocalHeader) {
    throw mismatch(object, "a local header at byte " + std::to_string(listed.offset),
                   "other bytes");
  }
  reader.take(22);  // what the directory says too
  const auto name_size = reader.take_fixed<std::uint16_t>();
  const auto extra_size = reader.take_fixed<std::uint16_t>();
  const std::string_view name = reader.take_text(name_size);
  if (name != listed.name) {
    throw mismatch(object, "its name in the local header", "\"" + std::string(name) + "\"");
  }
  reader.take(extra_size);
  return {listed.name, listed.crc, listed.method, (listed.flags & 1U) != 0,
          reader.take(listed.stored_size)};
}

std::vector<ZipArchive::Member> ArchiveReader::read() {
  const Directory place = find_directory();
  const auto offset = static_cast<std::size_t>(place.offset);
  ByteReader directory(bytes_.subspan(offset, static_cast<std::size_t>(place.size)), file_,
                       "central directory");
  std::vector<ZipArchive::Member> members;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;  // local header to end of bytes
  for (std::uint64_t i = 0; i < place.members; ++i) {
    const Listed listed = read_listed(directory);
    members.push_back(locate(listed, offset));
    const auto end = members.back().bytes.data() + members.back().bytes.size() - bytes_.data();
    extents.emplace_back(listed.offset, static_cast<std::uint64_t>(end));
    if (listed.method == kStored && listed.stored_size != listed.size) {
      throw mismatch(member_object(listed.name), std::to_string(listed.size) + " bytes",
                     std::to_string(listed.stored_size));
    }
  }
  if (directory.remaining() != 0) {
    throw directory.mismatch(
        "the end of the directory after " + std::to_string(place.members) + " members",
        std::to_string(directory.remaining()) + " more bytes");
  }
  std::ranges::sort(extents);
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].first < extents[i - 1].second) {
      throw mismatch("zip archive", "members that do not overlap",
                     "one at byte " + std::to_string(extents[i].first) +
                         " within the one at byte " + std::to_string(extents[i - 1].first));
    }
  }
  return members;
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string file)
    : file_(std::move(file)), members_(ArchiveReader(bytes, file_).read()) {
  std::ranges::sort(members_, {}, &Member::name);
  const auto twice = std::ranges::adjacent_find(members_, {}, &Member::name);
  if (twice != members_.end()) {
    throw FormatError::mismatch(file_, member_object(twice->name), "one of this name", "several");
  }
  has_checksums_ = std::ranges::any_of(members_, [](const Member& m) { return m.crc != 0; });
}

const ZipArchive::Member* ZipArchive::find(std::string_view name) const {
  const auto place = std::ranges::lower_bound(members_, name, {}, &Member::name);
  return place != members_.end() && place->name == name ? &*place : nullptr;
}

std::span<const std::byte> ZipArchive::read(const Member& member) const {
  const std::string object = member_object(member.name);
  if (member.encrypted) {
    throw FormatError::mismatch(file_, object, "an open member", "an encrypted one");
  }
  if (member.method != kStored) {
    throw FormatError::mismatch(
        file_, object, "stored bytes, as torch.save writes them (zip again without compression)",
        member.method == kDeflated ? "deflated ones"
                                   : "compression method " + std::to_string(member.method));
  }
  const std::uint32_t crc = has_checksums_ ? crc32(member.bytes) : 0;
  if (crc != member.crc) {
    throw FormatError::mismatch(file_, object, "the checksum " + std::to_string(member.crc),
                                std::to_string(crc) + " for its bytes");
  }
  return member.bytes;
}

}  // namespace polytag
