#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

/// The members of a zip archive (APPNOTE.TXT 6.3, with Zip64) that stores them uncompressed, as
/// torch.save does. Moves only.
class ZipArchive {
 public:
  struct Member {
    std::string_view name;  // owned by the archive
    std::uint32_t crc;      // of its bytes, as the directory has it
    std::uint16_t method;
    bool encrypted;
    StoredBytes bytes;  // as stored
  };

  /// Reads the directory and the place of every member.
  /// @param file  its name, for messages
  /// @throws FormatError if the bytes are no such archive, or if members overlap or share a name
  ZipArchive(const StoredBytes& bytes, std::string file);

  /// The members, sorted by name.
  std::span<const Member> members() const noexcept { return members_; }
  /// The member of that name, or null.
  const Member* find(std::string_view name) const;

  /// The bytes of a member. The checksum is verified, unless all checksums of the archive are zero,
  /// as PyTorch writes them if it is told to (torch.serialization.set_crc32_options).
  /// @throws FormatError if the checksum is wrong, or the member compressed or encrypted; IoError
  StoredBytes verified(const Member& member) const;

 private:
  std::string file_;
  AlignedBuffer<std::byte> directory_;  // holds the names
  std::vector<Member> members_;
  bool has_checksums_ = true;
};

}  // namespace polytag
