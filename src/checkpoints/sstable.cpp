#include "checkpoints/sstable.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "files/byte_reader.hpp"
#include "files/crc32.hpp"

namespace polytag {

namespace {

constexpr std::uint64_t kMagic = 0xDB4775248B80FB57U;
constexpr std::size_t kFooterSize = 48;       // two block handles, padded to 40 bytes, and kMagic
constexpr std::size_t kBlockTrailerSize = 5;  // the kind of compression and the checksum

/// Where a block lies; its trailer follows it.
struct BlockHandle {
  std::uint64_t offset;
  std::uint64_t size;
};

BlockHandle take_handle(ByteReader& reader) {
  const std::uint64_t offset = reader.take_varint();
  return {offset, reader.take_varint()};
}

std::string describe(const BlockHandle& handle) {
  return std::to_string(handle.size) + " bytes at " + std::to_string(handle.offset);
}

class Table {
 public:
  Table(std::span<const std::byte> bytes, std::string_view file) : bytes_(bytes), file_(file) {}

  void read(const TableVisitor& visit) const;

 private:
  BlockHandle index_handle() const;
  std::span<const std::byte> block(const BlockHandle& handle, std::string_view object) const;
  void read_block(std::span<const std::byte> block, std::string_view object,
                  const TableVisitor& visit) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  std::span<const std::byte> bytes_;
  std::string_view file_;
};

BlockHandle Table::index_handle() const {
  if (bytes_.size() < kFooterSize) {
    throw mismatch("file size", "at least 48 bytes", std::to_string(bytes_.size()));
  }
  ByteReader footer(bytes_.last(kFooterSize), file_, "footer");
  take_handle(footer);  // of a block about the table, which TensorFlow leaves empty
  const BlockHandle handle = take_handle(footer);
  if (load_little_endian<std::uint64_t>(bytes_.last(sizeof(kMagic)).data()) != kMagic) {
    throw mismatch("footer", "the magic number of a sorted string table", "other bytes");
  }
  return handle;
}

std::span<const std::byte> Table::block(const BlockHandle& handle, std::string_view object) const {
  const std::size_t end = bytes_.size() - kFooterSize;
  if (handle.offset > end || handle.size > end - handle.offset ||
      end - handle.offset - handle.size < kBlockTrailerSize) {
    throw mismatch(object, "a place within the first " + std::to_string(end) + " bytes",
                   describe(handle));
  }
  const auto contents = bytes_.subspan(static_cast<std::size_t>(handle.offset),
                                       static_cast<std::size_t>(handle.size) + 1);
  const auto expected = load_little_endian<std::uint32_t>(contents.data() + contents.size());
  if (masked_crc(crc32c(contents)) != expected) {
    throw mismatch(object, "the checksum " + std::to_string(expected),
                   std::to_string(masked_crc(crc32c(contents))) + " for its bytes");
  }
  if (contents.back() != std::byte{0}) {
    throw mismatch(object, "an uncompressed block, as TensorFlow writes it",
                   contents.back() == std::byte{1} ? "one compressed with Snappy"
                                                   : "one of an unknown compression");
  }
  return contents.first(contents.size() - 1);
}

/// A block is its entries, the places where one begins that shares nothing with the key before it,
/// and their number. We read every entry in turn and need no such places.
void Table::read_block(std::span<const std::byte> block, std::string_view object,
                       const TableVisitor& visit) const {
  constexpr std::size_t kWord = sizeof(std::uint32_t);
  if (block.size() < kWord) {
    throw mismatch(object, "at least 4 bytes", std::to_string(block.size()));
  }
  const std::uint64_t restarts = load_little_endian<std::uint32_t>(block.last(kWord).data());
  if (restarts > (block.size() - kWord) / kWord) {
    throw mismatch(object, "room for its " + std::to_string(restarts) + " restart points",
                   std::to_string(block.size()) + " bytes");
  }
  const auto end = block.size() - kWord * (static_cast<std::size_t>(restarts) + 1);
  ByteReader entries(block.first(end), file_, object);
  std::string key;
  while (entries.remaining() > 0) {
    const std::uint64_t shared = entries.take_varint();
    const std::uint64_t own = entries.take_varint();
    const std::uint64_t value_size = entries.take_varint();
    if (shared > key.size()) {
      throw entries.mismatch("at most " + std::to_string(key.size()) + " bytes of the key before",
                             std::to_string(shared));
    }
    const std::string_view rest = entries.take_text(own);
    key.resize(static_cast<std::size_t>(shared));
    key.append(rest);
    visit(key, entries.take(value_size));
  }
}

void Table::read(const TableVisitor& visit) const {
  const BlockHandle index = index_handle();
  std::optional<std::string> last_key;
  std::uint64_t blocks_end = 0;
  std::size_t number = 0;
  read_block(
      block(index, "index block"), "index block",
      [&](std::string_view last_in_block, std::span<const std::byte> value) {
        const std::string object = "block " + std::to_string(number++);
        ByteReader reader(value, file_, object);
        const BlockHandle handle = take_handle(reader);
        if (handle.offset < blocks_end) {
          throw mismatch(
              object,
              "a place behind the block before, which ends at " + std::to_string(blocks_end),
              describe(handle));
        }
        const auto contents = block(handle, object);
        blocks_end = handle.offset + handle.size + kBlockTrailerSize;
        read_block(contents, object, [&](std::string_view key, std::span<const std::byte> entry) {
          if (last_key && key <= *last_key) {
            throw mismatch(object, "keys in ascending order",
                           "\"" + std::string(key) + "\" after \"" + *last_key + "\"");
          }
          if (key > last_in_block) {
            throw mismatch(object, "no key behind \"" + std::string(last_in_block) + "\"",
                           "\"" + std::string(key) + "\"");
          }
          last_key = key;
          visit(key, entry);
        });
      });
}

}  // namespace

void read_sstable(std::span<const std::byte> bytes, std::string_view file,
                  const TableVisitor& visit) {
  Table(bytes, file).read(visit);
}

}  // namespace polytag
