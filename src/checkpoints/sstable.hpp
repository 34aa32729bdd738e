#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

/// A value of a table.
struct TableValue {
  std::span<const std::byte> bytes;  ///< valid during the visit
  StoredBytes stored;                ///< the same, in the file or, if they were compressed, not
};

/// A callback for one entry of a table. The key is valid during the call.
using TableVisitor = std::function<void(std::string_view key, const TableValue& value)>;

/// Whether the last bytes are those of a sorted string table.
bool is_sstable(const StoredBytes& bytes);

/// Visits all entries of a sorted string table, the format of LevelDB's table files
/// (https://github.com/google/leveldb/blob/main/doc/table_format.md), in the order of their keys.
/// Every block's checksum is verified. Uses as much memory as the longest block and key take, or
/// what they are decompressed to.
/// @param file  its name, for messages
/// @throws FormatError if the bytes are no such table; IoError
void read_sstable(const StoredBytes& bytes, std::string_view file, const TableVisitor& visit);

}  // namespace polytag
