#include "checkpoints/sstable.hpp"

#include <string>

#include "files/byte_reader.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tf_bundle.hpp"

using namespace polytag;
using namespace tf_bundle;

namespace {

Entries entries_of(std::string_view bytes) {
  Entries entries;
  read_sstable(StoredBytes(std::as_bytes(std::span(bytes))), "x",
               [&](std::string_view key, const TableValue& value) {
                 entries.emplace_back(key, as_text(value.bytes));
                 const auto stored = value.stored.read();
                 CHECK(as_text(stored.span()) == as_text(value.bytes));
               });
  return entries;
}

}  // namespace

TEST_CASE("sstable: entries come back whatever the size of the blocks", "[checkpoints][sstable]") {
  Entries entries;
  for (std::size_t i = 0; i < 300; ++i) {
    entries.emplace_back("key/" + std::to_string(1000 + i), std::string(i % 150, 'v'));
  }
  for (const std::size_t entries_per_block : {1U, 3U, 299U, 300U}) {
    CHECK(entries_of(table(entries, entries_per_block)) == entries);
  }
  CHECK(entries_of(table({})).empty());
}

TEST_CASE("sstable: blocks that Snappy has compressed", "[checkpoints][sstable]") {
  const Entries entries{{"a", std::string(300, 'v')}, {"b", "w"}};
  const std::string contents = block_contents(entries);
  // Literals only; what copies do is the business of snappy_test.cpp.
  std::string compressed = varint(contents.size());
  for (std::size_t i = 0; i < contents.size(); i += 60) {
    const std::string part = contents.substr(i, 60);
    compressed += static_cast<char>((part.size() - 1) << 2) + part;
  }
  CHECK(entries_of(Table().add_block("b", compressed, 1).finish()) == entries);
}

TEST_CASE("sstable: an index that TensorFlow 1.15 wrote", "[checkpoints][sstable]") {
  const std::string file = POLYTAG_TEST_DATA "/checkpoints/tensorflow_1_15.index";
  const Entries entries = entries_of(file_bytes(file));
  REQUIRE(entries.size() == 83);  // the header, and 82 variables
  CHECK(entries.front().first.empty());
  CHECK(entries[1].first == "albert/embeddings/LayerNorm/beta");
  CHECK(entries[5].first == "albert/embeddings/word_embeddings");
  CHECK(entries.back().first == "output_weights");
  Entry gamma{.shape = {32}, .offset = 128, .size = 128, .crc = 0x0C1266FF};
  // The shard is 0, which TensorFlow leaves out.
  std::string expected = gamma.encoded();
  expected.erase(expected.find(varint_field(3, 0)), 2);
  CHECK(entries[2].second == expected);
}
