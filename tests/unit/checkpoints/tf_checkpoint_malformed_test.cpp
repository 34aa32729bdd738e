#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "polytag/error.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tf_bundle.hpp"

using namespace polytag;
using namespace tf_bundle;

namespace {

const char* const kDataFile = "m.data-00000-of-00001";
const std::string kData = fixed(0x3F800000U) + fixed(0x40000000U) + fixed(7U);
const std::string kTwoFloats = kData.substr(0, 8);
const std::string kNumber = kData.substr(8);

Entry second_entry() {
  Entry entry = entry_for(kNumber, 3, {});
  entry.offset = kTwoFloats.size();
  return entry;
}

const Entries kEntries{{"", header(1)},
                       {"layer/kernel", entry_for(kTwoFloats, 1, {1, 2}).encoded()},
                       {"layer/step", second_entry().encoded()}};

/// Opens these bytes as a checkpoint. Whatever they are, no more memory is asked for, all requests
/// together, than the size of the files allows: some for paths and messages, and a multiple for
/// what describes a tensor (a name is up to 16 times as long as in the file, and is copied four
/// times).
std::string result_of(const std::string& index, const std::string& data = kData) {
  static const TemporaryDirectory directory;
  // Some file systems wait for the disk when a file is overwritten, and none when it is new.
  for (const auto& file : {directory.path() / "m.index", directory.path() / kDataFile}) {
    std::filesystem::remove(file);
  }
  directory.write("m.index", index);
  directory.write(kDataFile, data);
  const AllocationMeter meter;
  std::string result = "read";
  try {
    const WeightSource source = open_tf_checkpoint(directory.path() / "m");
    for (const StoredTensor& tensor : source.tensors()) {
      result += " " + tensor.name + " " + to_string(tensor.shape);
    }
  } catch (const Error& error) {
    result = error.what();
  }
  REQUIRE(meter.total() < 16384 + 100 * (index.size() + data.size()));
  return result;
}

const std::string kWhole = "read layer/kernel [1, 2] layer/step []";

std::string result_of_entry(const Entry& entry) {
  return result_of(table({{"", header(1)}, {"w", entry.encoded()}}));
}

}  // namespace

TEST_CASE("tf_checkpoint: the example that the faults are made from is well-formed",
          "[checkpoints][tf][robustness]") {
  CHECK(result_of(table(kEntries)) == kWhole);
  CHECK(result_of(table(kEntries, 1)) == kWhole);
}

TEST_CASE("tf_checkpoint: a file cut short at any length is an error",
          "[checkpoints][tf][robustness]") {
  const std::string index = table(kEntries, 2);
  for (std::size_t size = 0; size < index.size(); ++size) {
    INFO(size);
    REQUIRE_THAT(result_of(index.substr(0, size)), ContainsSubstring("m.index: "));
  }
  for (std::size_t size = 0; size < kData.size(); ++size) {
    REQUIRE_THAT(result_of(index, kData.substr(0, size)),
                 ContainsSubstring("a file of " + std::to_string(size) + " bytes"));
  }
}

TEST_CASE("tf_checkpoint: no flipped bit passes unnoticed", "[checkpoints][tf][robustness]") {
  const std::string index = table(kEntries, 2);
  for (std::size_t i = 0; i < index.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = index;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const std::string result = result_of(flipped);
      INFO(i << ", bit " << bit << ": " << result);
      // The footer has padding, and names a block about the table that says nothing.
      if (result == kWhole) {
        REQUIRE(i + 100 > index.size());
      } else {
        REQUIRE_THAT(result, ContainsSubstring("m.index: "));
      }
    }
  }
  for (std::size_t i = 0; i < kData.size(); ++i) {
    std::string flipped = kData;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    REQUIRE_THAT(result_of(index, flipped), ContainsSubstring("expected the checksum"));
  }
}

TEST_CASE("tf_checkpoint: changed bytes under right checksums end in an error or in tensors",
          "[checkpoints][tf][robustness]") {
  const std::string contents = block_contents(kEntries);
  const auto open_with = [](const std::string& changed) {
    return result_of(Table().add_block("z", changed).finish());
  };
  REQUIRE(open_with(contents) == kWhole);
  for (std::size_t i = 0; i < contents.size(); ++i) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF, contents[i] ^ 0x01, contents[i] ^ 0x20}) {
      std::string changed = contents;
      changed[i] = static_cast<char>(value);
      open_with(changed);
    }
    open_with(contents.substr(0, i));
    open_with(contents.substr(i));
  }
}

TEST_CASE("tf_checkpoint: changed block handles end in an error or in tensors",
          "[checkpoints][tf][robustness]") {
  const std::string contents = block_contents(kEntries);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1}, kMost - 4, kMost}) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{5}, kMost - 4, kMost}) {
      const std::string index = Table()
                                    .add_block("y", contents)
                                    .add_to_index("z", varint(offset) + varint(size))
                                    .finish();
      CHECK_THAT(result_of(index), ContainsSubstring("block 1: expected a place"));
    }
  }
  CHECK_THAT(result_of(Table().add_block("y", contents).add_to_index("z", "\xFF").finish()),
             ContainsSubstring("more bytes"));
}

TEST_CASE("tf_checkpoint: faults of the table are named", "[checkpoints][tf][robustness]") {
  const std::string contents = block_contents(kEntries);
  CHECK_THAT(result_of(""), ContainsSubstring("file size: expected at least 48 bytes, found 0"));
  CHECK_THAT(result_of(std::string(100, '\0')), ContainsSubstring("magic number"));
  CHECK_THAT(result_of(table({})),
             ContainsSubstring("header under the empty key, found no entries"));
  CHECK_THAT(result_of(Table().add_block("z", contents, 1).finish()),  // it is not
             ContainsSubstring("block 0, byte "));
  CHECK_THAT(result_of(Table().add_block("z", contents, 9).finish()),
             ContainsSubstring("unknown compression"));
  CHECK_THAT(result_of(Table().add_block("z", "abc").finish()),
             ContainsSubstring("block 0: expected at least 4 bytes"));
  CHECK_THAT(result_of(Table().add_block("z", fixed(~0U)).finish()),
             ContainsSubstring("4294967295 restart points"));
  CHECK_THAT(result_of(Table().add_block("layer/l", contents).finish()),
             ContainsSubstring("no key behind \"layer/l\", found \"layer/step\""));
  CHECK_THAT(result_of(Table().add_block("y", contents).add_block("z", contents).finish()),
             ContainsSubstring("keys in ascending order, found \"\" after \"layer/step\""));
  CHECK_THAT(result_of(table({kEntries[0], kEntries[1], kEntries[1]})),
             ContainsSubstring("keys in ascending order"));
  const std::string shares_too_much = varint(1) + varint(0) + varint(0) + fixed(0U);
  CHECK_THAT(result_of(Table().add_block("z", shares_too_much).finish()),
             ContainsSubstring("at most 0 bytes of the key before, found 1"));
  const std::string long_number = std::string(9, '\xFF') + "\x02" + fixed(0U);
  CHECK_THAT(result_of(Table().add_block("z", long_number).finish()),
             ContainsSubstring("a number of at most 64 bits"));
}

TEST_CASE("tf_checkpoint: keys that share everything cannot fill the memory",
          "[checkpoints][tf][robustness]") {
  // Each entry of some 20 bytes stands for a name of more than 20000.
  const std::string none = entry_for("", 1, {0}).encoded();
  std::string contents = varint(0) + varint(0) + varint(header(1).size()) + header(1) + varint(0) +
                         varint(20000) + varint(none.size()) + std::string(20000, 'a') + none;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    contents += varint(20000 + i) + varint(1) + varint(none.size()) + "b" + none;
  }
  CHECK_THAT(result_of(Table().add_block("z", contents + fixed(0U)).finish()),
             ContainsSubstring("at most 16 times the size of the file"));
}

TEST_CASE("tf_checkpoint: faults of the header are named", "[checkpoints][tf][robustness]") {
  const auto with_header = [](const std::string& message) {
    return result_of(table({{"", message}, kEntries[1], kEntries[2]}));
  };
  CHECK_THAT(result_of(table({kEntries[1], kEntries[2]})),
             ContainsSubstring("found the first entry \"layer/kernel\""));
  CHECK_THAT(with_header(""), ContainsSubstring("1 to 2147483647 data files, found 0"));
  CHECK_THAT(with_header(header(~0ULL)),
             ContainsSubstring("data files, found 18446744073709551615"));
  CHECK_THAT(with_header(header(1) + varint_field(2, 1)), ContainsSubstring("big-endian"));
  CHECK_THAT(with_header(header(1) + bytes_field(3, varint_field(2, 5))),
             ContainsSubstring("expected version 1, found one for readers of version 5"));
  CHECK_THAT(with_header(bytes_field(1, "x")), ContainsSubstring("field 1: expected a varint"));
  CHECK_THAT(with_header("\x0B"), ContainsSubstring("a wire type of 0, 1, 2 or 5, found 3"));
  CHECK_THAT(with_header(std::string(2, '\0')), ContainsSubstring("a field number from 1"));
  CHECK_THAT(with_header("\x1A\x7Fx"), ContainsSubstring("127 more bytes, found 1"));
}

TEST_CASE("tf_checkpoint: faults of an entry are named", "[checkpoints][tf][robustness]") {
  const Entry good = entry_for(kTwoFloats, 1, {1, 2});
  CHECK(result_of_entry(good) == "read w [1, 2]");
  const auto with = [&](const std::function<void(Entry&)>& change) {
    Entry entry = good;
    change(entry);
    return result_of_entry(entry);
  };
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

  CHECK_THAT(with([](Entry& e) { e.crc ^= 1; }),
             ContainsSubstring("tensor \"w\": expected the checksum"));
  CHECK_THAT(with([](Entry& e) { e.data_type = 0; }),
             ContainsSubstring("an element type, found none"));
  CHECK_THAT(with([](Entry& e) { e.shard = 1; }), ContainsSubstring("found number 1"));
  CHECK_THAT(with([](Entry& e) { e.shard = kMost; }), ContainsSubstring("one of 1 data files"));
  CHECK_THAT(with([](Entry& e) { e.offset = 5; }),
             ContainsSubstring("8 bytes at 5, found a file of 12 bytes"));
  CHECK_THAT(with([](Entry& e) { e.offset = kMost; }), ContainsSubstring("found a file of"));
  CHECK_THAT(with([](Entry& e) { e.size = kMost; }), ContainsSubstring("found a file of"));
  CHECK_THAT(with([](Entry& e) { e.offset = kMost - 3, e.size = 8; }),
             ContainsSubstring("found a file of"));
  CHECK_THAT(with([](Entry& e) { e.size = 4; }),
             ContainsSubstring("the size of float32 [1, 2], found 4 bytes"));
  CHECK_THAT(with([](Entry& e) { e.shape = {3}; }), ContainsSubstring("the size of float32 [3]"));
  CHECK_THAT(with([](Entry& e) { e.shape = {1ULL << 62, 4}; }), ContainsSubstring("the size of"));
  CHECK_THAT(with([](Entry& e) {
               e.shape = {1ULL << 40, 1ULL << 40, 0}, e.size = 0;
             }),
             ContainsSubstring("the size of"));
  CHECK_THAT(with([](Entry& e) { e.shape = {kMost}; }),
             ContainsSubstring("dimensions of at least 0, found -1"));
  CHECK_THAT(with([](Entry& e) { e.shape.assign(1000, 1); }),
             ContainsSubstring("at most 16 dimensions"));
  CHECK_THAT(with([](Entry& e) { e.more = bytes_field(2, varint_field(3, 1)); }),
             ContainsSubstring("a shape, found an unknown one"));
  CHECK_THAT(with([](Entry& e) { e.more = bytes_field(7, ""); }),
             ContainsSubstring("save it again without a partitioner"));
  CHECK_THAT(with([](Entry& e) { e.more = varint_field(6, 1); }),
             ContainsSubstring("a number of 32 bits, found wire type 0"));
  CHECK_THAT(with([](Entry& e) { e.more = varint_field(2, 1); }),
             ContainsSubstring("a nested message"));
}

TEST_CASE("tf_checkpoint: tensors that share bytes are refused", "[checkpoints][tf][robustness]") {
  Entry inside = entry_for(kTwoFloats.substr(4), 1, {});
  inside.offset = 4;
  CHECK_THAT(result_of(table({{"", header(1)}, kEntries[1], {"v", inside.encoded()}})),
             ContainsSubstring("tensor \"v\": expected bytes of its own, behind those of tensor "
                               "\"layer/kernel\", which end at 8, found bytes at 4"));
  CHECK_THAT(result_of(table(
                 {{"", header(1)}, kEntries[1], {"v", entry_for(kTwoFloats, 1, {2}).encoded()}})),
             ContainsSubstring("bytes of its own"));
}

TEST_CASE("tf_checkpoint: a slice of a partitioned variable is named",
          "[checkpoints][tf][robustness]") {
  const std::string key = std::string("\0embeddings\0\1", 13) + "rest";
  CHECK_THAT(result_of(table({{"", header(1)}, {key, entry_for(kTwoFloats, 1, {2}).encoded()}})),
             ContainsSubstring("tensor \"embeddings\": expected a whole variable, found a slice"));
  CHECK_THAT(result_of(table({{"", header(1)}, {std::string(1, '\0'), ""}})),
             ContainsSubstring("found a slice"));
}

TEST_CASE("tf_checkpoint: what is no regular file is an IoError", "[checkpoints][tf][robustness]") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "m.index");
  CHECK_THROWS_AS(open_tf_checkpoint(directory.path() / "m"), IoError);
}
