// Keeps the checksums of a mutated index right, or nothing behind them would be reached.

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "files/byte_reader.hpp"
#include "fuzz.hpp"
#include "unit/checkpoints/tf_bundle.hpp"

namespace {

using namespace polytag;

struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Puts the checksum of a block right. Returns the block's contents, or nothing for a block that
/// is not within the index.
std::string_view repair_block(std::string& index, const Handle& handle) {
  constexpr std::size_t kTrailer = 5;
  if (handle.offset > index.size() || handle.size > index.size() - handle.offset ||
      index.size() - handle.offset - handle.size < kTrailer) {
    return "";
  }
  const std::string_view block = std::string_view(index).substr(handle.offset, handle.size + 1);
  index.replace(handle.offset + handle.size + 1, 4,
                tf_bundle::fixed(tf_bundle::masked_crc_of(block)));
  return std::string_view(index).substr(handle.offset, handle.size);
}

Handle take_handle(ByteReader& reader) {
  const std::uint64_t offset = reader.take_varint();
  return {offset, reader.take_varint()};
}

/// Puts the checksums of all blocks right that can be found.
void repair(std::string& index) {
  constexpr std::size_t kFooter = 48;
  if (index.size() < kFooter) return;
  std::vector<Handle> handles;
  try {
    const std::string footer = index.substr(index.size() - kFooter);
    ByteReader reader(bytes_of(footer), "", "");
    take_handle(reader);
    const std::string contents(repair_block(index, take_handle(reader)));
    ByteReader entries(bytes_of(contents), "", "");
    while (entries.remaining() > 0) {
      entries.take_varint();
      const std::uint64_t key_size = entries.take_varint();
      const std::uint64_t value_size = entries.take_varint();
      entries.take(key_size);
      ByteReader value(entries.take(value_size), "", "");
      handles.push_back(take_handle(value));
    }
  } catch (const FormatError&) {  // the restart points, at the latest
  }
  for (const Handle& handle : handles) repair_block(index, handle);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 8 == 0) return size;  // some wrong checksums
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string index(fuzz::split_files<3>(input)[0]);
  repair(index);  // in place: no size changes
  std::memcpy(data, index.data(), index.size());
  return size;
}
