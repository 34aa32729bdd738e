#include "checkpoints/zip_archive.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "checkpoints/zip_directory.hpp"
#include "files/byte_reader.hpp"
#include "files/crc32.hpp"

namespace polytag {

namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50, kDirectoryHeader = 0x02014B50;
constexpr std::size_t kLocalHeaderSize = 30;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
/// A field with this value is a placeholder: the number is in the Zip64 field, in 64 bits.
constexpr std::uint32_t kElsewhere = std::numeric_limits<std::uint32_t>::max();

/// A header of the central directory: what it says of one member.
struct Listed {
  std::string_view name;
  std::uint16_t flags;
  std::uint16_t method;
  std::uint32_t crc;
  std::uint64_t stored_size;
  std::uint64_t size;
  std::uint64_t offset;  // of the local header
};

struct LocatedMember {
  ZipArchive::Member member;
  std::size_t end;  // of its bytes
};

/// The range from the local header of a member to the end of its bytes.
struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
};

/// The members that a directory lists.
class MembersReader {
 public:
  /// @param offset  of the directory
  MembersReader(const StoredBytes& bytes, std::size_t offset, std::string_view file)
      : before_directory_(bytes.subrange(0, offset)), file_(file) {}

  std::vector<ZipArchive::Member> read(std::span<const std::byte> directory,
                                       std::uint64_t count) const;

 private:
  Listed read_listed(ByteReader& directory) const;
  LocatedMember locate(const Listed& listed) const;
  void check_extents(std::vector<Extent> extents) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  StoredBytes before_directory_;
  std::string_view file_;
};

std::string member_object(std::string_view name) { return "member \"" + std::string(name) + "\""; }

/// Replaces placeholders of a header by the numbers in its Zip64 field, the extra field 1.
void widen(Listed& listed, std::span<const std::byte> extra, std::string_view file) {
  ByteReader fields(extra, file, "extra fields of a member");
  while (fields.remaining() >= 4) {
    const auto id = fields.take_fixed<std::uint16_t>();
    const auto field = fields.take(fields.take_fixed<std::uint16_t>());
    if (id != 1) continue;
    ByteReader wide(field, file, "Zip64 field of a member");
    for (std::uint64_t* const value : {&listed.size, &listed.stored_size, &listed.offset}) {
      if (*value == kElsewhere) *value = wide.take_fixed<std::uint64_t>();
    }
    return;
  }
}

Listed MembersReader::read_listed(ByteReader& directory) const {
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
LocatedMember MembersReader::locate(const Listed& listed) const {
  const std::string object = member_object(listed.name);
  const std::size_t end = before_directory_.size();
  if (listed.offset > end) {
    throw mismatch(object, "a place in front of byte " + std::to_string(end),
                   std::to_string(listed.offset));
  }
  const auto begin = static_cast<std::size_t>(listed.offset);
  std::size_t position = begin;
  const auto take = [&](std::uint64_t count) {
    if (count > end - position) {
      throw mismatch(object + ", byte " + std::to_string(position - begin),
                     std::to_string(count) + " more bytes", std::to_string(end - position));
    }
    const auto taken = before_directory_.subrange(position, static_cast<std::size_t>(count));
    position += taken.size();
    return taken;
  };
  const auto header = take(kLocalHeaderSize).read();
  ByteReader fields(header.span(), file_, object);
  if (fields.take_fixed<std::uint32_t>() != kLocalHeader) {
    throw mismatch(object, "a local header at byte " + std::to_string(listed.offset),
                   "other bytes");
  }
  fields.take(22);  // what the directory says too
  const StoredBytes name = take(fields.take_fixed<std::uint16_t>());
  const auto extra_size = fields.take_fixed<std::uint16_t>();
  if (name.size() != listed.name.size() || as_text(name.read().span()) != listed.name) {
    throw mismatch(object, "its name in the local header",
                   "\"" + std::string(as_text(name.read().span())) + "\"");
  }
  take(extra_size);
  StoredBytes bytes = take(listed.stored_size);
  return {{listed.name, listed.crc, listed.method, (listed.flags & 1U) != 0, std::move(bytes)},
          position};
}

void MembersReader::check_extents(std::vector<Extent> extents) const {
  std::ranges::sort(extents, {}, &Extent::begin);
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].begin < extents[i - 1].end) {
      throw mismatch("zip archive", "members that do not overlap",
                     "one at byte " + std::to_string(extents[i].begin) +
                         " within the one at byte " + std::to_string(extents[i - 1].begin));
    }
  }
}

std::vector<ZipArchive::Member> MembersReader::read(std::span<const std::byte> directory,
                                                    std::uint64_t count) const {
  ByteReader reader(directory, file_, "central directory");
  std::vector<ZipArchive::Member> members;
  std::vector<Extent> extents;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Listed listed = read_listed(reader);
    auto [member, end] = locate(listed);
    members.push_back(std::move(member));
    extents.push_back({listed.offset, end});
    if (listed.method == kStored && listed.stored_size != listed.size) {
      throw mismatch(member_object(listed.name), std::to_string(listed.size) + " bytes",
                     std::to_string(listed.stored_size));
    }
  }
  if (reader.remaining() != 0) {
    throw reader.mismatch("the end of the directory after " + std::to_string(count) + " members",
                          std::to_string(reader.remaining()) + " more bytes");
  }
  check_extents(std::move(extents));
  return members;
}

}  // namespace

ZipArchive::ZipArchive(const StoredBytes& bytes, std::string file) : file_(std::move(file)) {
  const ZipDirectory place = find_zip_directory(bytes, file_);
  const auto offset = static_cast<std::size_t>(place.offset);
  directory_ = bytes.subrange(offset, static_cast<std::size_t>(place.size)).read();
  members_ = MembersReader(bytes, offset, file_).read(directory_.span(), place.members);
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

StoredBytes ZipArchive::verified(const Member& member) const {
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
  std::uint32_t crc = 0;
  if (has_checksums_) {
    member.bytes.for_each_piece([&](std::span<const std::byte> piece) { crc = crc32(piece, crc); });
  }
  if (crc != member.crc) {
    throw FormatError::mismatch(file_, object, "the checksum " + std::to_string(member.crc),
                                std::to_string(crc) + " for its bytes");
  }
  return member.bytes;
}

}  // namespace polytag
