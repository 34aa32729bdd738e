#include "checkpoints/sstable.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "checkpoints/snappy.hpp"
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

/// The contents of a block.
struct Block {
  std::shared_ptr<const AlignedBuffer<std::byte>> memory;  // with a trailer, unless decompressed
  StoredBytes stored;  // in the file, or in memory if they were compressed
  std::span<const std::byte> contents() const { return memory->span().first(stored.size()); }
};

class Table {
 public:
  Table(const StoredBytes& bytes, std::string_view file) : bytes_(bytes), file_(file) {}

  void read(const TableVisitor& visit) const;

 private:
  using EntryVisitor = std::function<void(std::string_view key, std::size_t begin,
                                          std::span<const std::byte> value)>;

  BlockHandle index_handle() const;
  Block block(const BlockHandle& handle, std::string_view object) const;
  void read_block(std::span<const std::byte> block, std::string_view object,
                  const EntryVisitor& visit) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  const StoredBytes& bytes_;
  std::string_view file_;
};

BlockHandle Table::index_handle() const {
  if (bytes_.size() < kFooterSize) {
    throw mismatch("file size", "at least 48 bytes", std::to_string(bytes_.size()));
  }
  const auto bytes = bytes_.subrange(bytes_.size() - kFooterSize, kFooterSize).read();
  ByteReader footer(bytes.span(), file_, "footer");
  take_handle(footer);  // of a block about the table, which TensorFlow leaves empty
  const BlockHandle handle = take_handle(footer);
  if (!is_sstable(bytes_)) {
    throw mismatch("footer", "the magic number of a sorted string table", "other bytes");
  }
  return handle;
}

Block Table::block(const BlockHandle& handle, std::string_view object) const {
  const std::size_t end = bytes_.size() - kFooterSize;
  if (handle.offset > end || handle.size > end - handle.offset ||
      end - handle.offset - handle.size < kBlockTrailerSize) {
    throw mismatch(object, "a place within the first " + std::to_string(end) + " bytes",
                   describe(handle));
  }
  const auto offset = static_cast<std::size_t>(handle.offset);
  const auto size = static_cast<std::size_t>(handle.size);
  AlignedBuffer<std::byte> bytes = bytes_.subrange(offset, size + kBlockTrailerSize).read();
  const auto checked = bytes.span().first(size + 1);
  const auto expected = load_little_endian<std::uint32_t>(bytes.data() + size + 1);
  if (masked_crc(crc32c(checked)) != expected) {
    throw mismatch(object, "the checksum " + std::to_string(expected),
                   std::to_string(masked_crc(crc32c(checked))) + " for its bytes");
  }
  const auto shared = [](AlignedBuffer<std::byte> buffer) {
    return std::make_shared<const AlignedBuffer<std::byte>>(std::move(buffer));
  };
  const auto compression = std::to_integer<unsigned>(checked.back());
  if (compression == 0) return {shared(std::move(bytes)), bytes_.subrange(offset, size)};
  if (compression != 1) {
    throw mismatch(object, "a block as it is or compressed with Snappy",
                   "one of an unknown compression");
  }
  const auto plain = shared(decompress_snappy(checked.first(size), file_, object));
  return {plain, StoredBytes(plain->span(), plain)};
}

/// A block consists of its entries, the restart points (places of entries whose keys are written in
/// full) and their number. Restart points serve binary search; here every entry is read in turn.
void Table::read_block(std::span<const std::byte> block, std::string_view object,
                       const EntryVisitor& visit) const {
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
    const std::size_t begin = entries.position();
    visit(key, begin, entries.take(value_size));
  }
}

void Table::read(const TableVisitor& visit) const {
  const BlockHandle index = index_handle();
  std::optional<std::string> last_key;
  std::uint64_t blocks_end = 0;
  std::size_t number = 0;
  const Block blocks = block(index, "index block");
  read_block(
      blocks.contents(), "index block",
      [&](std::string_view last_in_block, std::size_t, std::span<const std::byte> handle_bytes) {
        const std::string object = "block " + std::to_string(number++);
        ByteReader reader(handle_bytes, file_, object);
        const BlockHandle handle = take_handle(reader);
        if (handle.offset < blocks_end) {
          throw mismatch(
              object,
              "a place behind the block before, which ends at " + std::to_string(blocks_end),
              describe(handle));
        }
        const Block entries = block(handle, object);
        blocks_end = handle.offset + handle.size + kBlockTrailerSize;
        read_block(entries.contents(), object,
                   [&](std::string_view key, std::size_t begin, std::span<const std::byte> value) {
                     if (last_key && key <= *last_key) {
                       throw mismatch(object, "keys in ascending order",
                                      "\"" + std::string(key) + "\" after \"" + *last_key + "\"");
                     }
                     if (key > last_in_block) {
                       throw mismatch(object,
                                      "no key behind \"" + std::string(last_in_block) + "\"",
                                      "\"" + std::string(key) + "\"");
                     }
                     last_key = key;
                     visit(key, {value, entries.stored.subrange(begin, value.size())});
                   });
      });
}

}  // namespace

bool is_sstable(const StoredBytes& bytes) {
  if (bytes.size() < kFooterSize) return false;
  const auto magic = bytes.subrange(bytes.size() - sizeof(kMagic), sizeof(kMagic)).read();
  return load_little_endian<std::uint64_t>(magic.data()) == kMagic;
}

void read_sstable(const StoredBytes& bytes, std::string_view file, const TableVisitor& visit) {
  Table(bytes, file).read(visit);
}

}  // namespace polytag
