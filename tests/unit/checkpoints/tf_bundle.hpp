#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/crc32.hpp"

/// TensorFlow V2 checkpoints by hand, well-formed or not.
namespace tf_bundle {

template <class T>
std::string fixed(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  return bytes;
}

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  return bytes + static_cast<char>(value);
}

inline std::string varint_field(std::uint64_t number, std::uint64_t value) {
  return varint(number << 3) + varint(value);
}

inline std::string bytes_field(std::uint64_t number, std::string_view bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

inline std::string fixed32_field(std::uint64_t number, std::uint32_t value) {
  return varint(number << 3 | 5) + fixed(value);
}

inline std::uint32_t masked_crc_of(std::string_view bytes) {
  return polytag::masked_crc(polytag::crc32c(std::as_bytes(std::span(bytes))));
}

/// BundleHeaderProto.
inline std::string header(std::uint64_t shards) {
  return varint_field(1, shards) + bytes_field(3, varint_field(1, 1));
}

/// BundleEntryProto.
struct Entry {
  std::uint64_t data_type = 1;
  std::vector<std::uint64_t> shape;
  std::uint64_t shard = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::string more = {};

  std::string encoded() const {
    std::string dimensions;
    for (const std::uint64_t size_ : shape) dimensions += bytes_field(2, varint_field(1, size_));
    return varint_field(1, data_type) + bytes_field(2, dimensions) + varint_field(3, shard) +
           varint_field(4, offset) + varint_field(5, size) + fixed32_field(6, crc) + more;
  }
};

using Entries = std::vector<std::pair<std::string, std::string>>;

/// The entries of a block and their restart points, every second key in full.
inline std::string block_contents(std::span<const std::pair<std::string, std::string>> entries) {
  std::string contents, restarts;
  std::uint32_t count = 0;
  std::string_view previous;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [key, value] = entries[i];
    std::size_t shared = 0;
    if (i % 2 == 0) {
      restarts += fixed(static_cast<std::uint32_t>(contents.size()));
      ++count;
    } else {
      const std::size_t most = std::min(key.size(), previous.size());
      while (shared < most && key[shared] == previous[shared]) ++shared;
    }
    contents += varint(shared) + varint(key.size() - shared) + varint(value.size()) +
                key.substr(shared) + value;
    previous = key;
  }
  return contents + restarts + fixed(count);
}

/// A table as it grows.
class Table {
 public:
  /// Adds a block with these contents, which holds keys up to this one.
  Table& add_block(const std::string& last_key, const std::string& contents, char compression = 0) {
    index_.emplace_back(last_key, place(contents, compression));
    return *this;
  }

  /// Adds to the index what it does not say by itself.
  Table& add_to_index(const std::string& last_key, const std::string& handle) {
    index_.emplace_back(last_key, handle);
    return *this;
  }

  std::string finish() {
    const std::string about = place(block_contents({}), 0);
    const std::string index = place(block_contents(index_), 0);
    std::string footer = about + index;
    footer.resize(40);
    return bytes_ + footer + fixed(std::uint64_t{0xDB4775248B80FB57});
  }

 private:
  /// Writes a block; returns its handle.
  std::string place(std::string contents, char compression) {
    const std::string handle = varint(bytes_.size()) + varint(contents.size());
    contents += compression;
    bytes_ += contents + fixed(masked_crc_of(contents));
    return handle;
  }

  std::string bytes_;
  Entries index_;
};

inline std::string table(const Entries& entries, std::size_t entries_per_block = 100) {
  Table table;
  for (std::size_t i = 0; i < entries.size(); i += entries_per_block) {
    const auto part =
        std::span(entries).subspan(i, std::min(entries_per_block, entries.size() - i));
    table.add_block(part.back().first, block_contents(part));
  }
  return table.finish();
}

/// An entry whose bytes are all of a data file.
inline Entry entry_for(std::string_view data, std::uint64_t data_type,
                       std::vector<std::uint64_t> shape) {
  return {data_type, std::move(shape), 0, 0, data.size(), masked_crc_of(data)};
}

}  // namespace tf_bundle
