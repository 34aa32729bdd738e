#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace polytag {

/// Is given one entry of a table; the key is valid during the call, the value as long as the table.
using TableVisitor = std::function<void(std::string_view key, std::span<const std::byte> value)>;

/// Visits all entries of a sorted string table, the format of LevelDB's table files
/// (https://github.com/google/leveldb/blob/main/doc/table_format.md), in the order of their keys.
/// Every block's checksum is verified. Uses no more memory than the longest key takes.
/// @param file  its name, for messages
/// @throws FormatError if the bytes are no such table, or if a block is compressed
void read_sstable(std::span<const std::byte> bytes, std::string_view file,
                  const TableVisitor& visit);

}  // namespace polytag
