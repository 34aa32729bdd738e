#include "polytag/checkpoints/tf_checkpoint.hpp"

#include <map>
#include <string>

#include "files/byte_reader.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"
#include "tf_bundle.hpp"

using namespace polytag;
using namespace tf_bundle;

namespace {

const std::string kOneAndTwo = fixed(0x3F800000U) + fixed(0x40000000U);

/// A directory with a checkpoint of one tensor.
struct SmallCheckpoint {
  SmallCheckpoint() {
    directory.write("m.ckpt.index",
                    table({{"", header(1)}, {"w", entry_for(kOneAndTwo, 1, {2}).encoded()}}));
    directory.write("m.ckpt.data-00000-of-00001", kOneAndTwo);
  }
  TemporaryDirectory directory;
};

void check_small(const WeightSource& source) {
  const Tensor w = source.read("w", {2});
  CHECK(w.span()[0] == 1.0F);
  CHECK(w.span()[1] == 2.0F);
}

}  // namespace

TEST_CASE("tf_checkpoint: a prefix, an index and a directory lead to the same tensors",
          "[checkpoints][tf]") {
  const SmallCheckpoint small;
  const auto& directory = small.directory.path();
  check_small(open_tf_checkpoint(directory / "m.ckpt"));
  check_small(open_tf_checkpoint(directory / "m.ckpt.index"));
  for (const char* path : {"m.ckpt", "./m.ckpt", "/somewhere/else/m.ckpt"}) {
    small.directory.write("checkpoint", "model_checkpoint_path: \"" + std::string(path) + "\"");
    check_small(open_tf_checkpoint(directory));
  }
}

TEST_CASE("tf_checkpoint: the bytes stay when the source moves and the files are gone",
          "[checkpoints][tf]") {
  const SmallCheckpoint small;
  WeightSource source = open_tf_checkpoint(small.directory.path() / "m.ckpt");
  std::filesystem::remove(small.directory.path() / "m.ckpt.data-00000-of-00001");
  const WeightSource moved = std::move(source);
  check_small(moved);
}

TEST_CASE("tf_checkpoint: what is missing is named", "[checkpoints][tf]") {
  const SmallCheckpoint small;
  const auto& directory = small.directory.path();
  CHECK_THROWS_WITH(open_tf_checkpoint(directory), ContainsSubstring("name one by its prefix"));
  CHECK_THROWS_WITH(open_tf_checkpoint(directory / "n.ckpt"),
                    ContainsSubstring("n.ckpt.index: no such file"));
  CHECK_THROWS_AS(open_tf_checkpoint(directory / "n.ckpt"), IoError);
  small.directory.write("checkpoint", "model_checkpoint_path: \"gone.ckpt\"");
  CHECK_THROWS_WITH(open_tf_checkpoint(directory), ContainsSubstring("gone.ckpt.index"));
  std::filesystem::remove(directory / "m.ckpt.data-00000-of-00001");
  CHECK_THROWS_WITH(open_tf_checkpoint(directory / "m.ckpt"),
                    ContainsSubstring("m.ckpt.data-00000-of-00001: no such file; needed for"));
}

TEST_CASE("tf_checkpoint: every element type that polytag knows is there, others are left out",
          "[checkpoints][tf]") {
  const std::map<std::uint64_t, ElementType> known{
      {1, ElementType::kFloat32}, {2, ElementType::kFloat64}, {3, ElementType::kInt32},
      {4, ElementType::kUint8},   {5, ElementType::kInt16},   {6, ElementType::kInt8},
      {9, ElementType::kInt64},   {10, ElementType::kBool},   {14, ElementType::kBfloat16},
      {19, ElementType::kFloat16}};
  Entries entries{{"", header(1)}};
  std::string data;
  for (std::uint64_t data_type = 1; data_type < 24; ++data_type) {
    const auto place = known.find(data_type);
    const std::size_t size = place == known.end() ? 5 : 3 * size_of(place->second);
    const std::string bytes(size, static_cast<char>(data_type));
    Entry entry = entry_for(bytes, data_type, {1, 3});
    entry.offset = data.size();
    data += bytes;
    entries.emplace_back(std::string(1, static_cast<char>('a' + data_type)), entry.encoded());
  }
  const TemporaryDirectory directory;
  directory.write("m.index", table(entries));
  directory.write("m.data-00000-of-00001", data);
  const WeightSource source = open_tf_checkpoint(directory.path() / "m");
  REQUIRE(source.tensors().size() == known.size());
  for (const auto& [data_type, type] : known) {
    const StoredTensor* const tensor =
        source.find(std::string(1, static_cast<char>('a' + data_type)));
    REQUIRE(tensor != nullptr);
    CHECK(tensor->type == type);
    CHECK(tensor->shape == Shape{1, 3});
    REQUIRE(tensor->bytes.size() == 3 * size_of(type));
    CHECK(as_text(tensor->bytes.read().span()) ==
          std::string(3 * size_of(type), static_cast<char>(data_type)));
  }
}

TEST_CASE("tf_checkpoint: scalars and tensors without elements", "[checkpoints][tf]") {
  const TemporaryDirectory directory;
  directory.write("m.index", table({{"", header(1)},
                                    {"none", entry_for("", 1, {3, 0}).encoded()},
                                    {"step", entry_for(fixed(123), 3, {}).encoded()}}));
  directory.write("m.data-00000-of-00001", fixed(123));
  const WeightSource source = open_tf_checkpoint(directory.path() / "m");
  CHECK(source.find("step")->shape.empty());
  CHECK(source.find("step")->bytes.size() == 4);
  CHECK(source.find("none")->bytes.empty());
  CHECK(source.read("none", {3, 0}).size() == 0);
}

TEST_CASE("tf_checkpoint: tensors of several data files and many blocks", "[checkpoints][tf]") {
  constexpr std::size_t kTensors = 100, kShards = 3;
  Entries entries{{"", header(kShards)}};
  std::vector<std::string> data(kShards);
  for (std::size_t i = 0; i < kTensors; ++i) {
    const std::string bytes = fixed(static_cast<std::uint64_t>(i * i));
    Entry entry = entry_for(bytes, 9, {1});
    entry.shard = i % kShards;
    entry.offset = data[entry.shard].size();
    data[entry.shard] += bytes;
    entries.emplace_back("layer/" + std::to_string(1000 + i), entry.encoded());
  }
  const TemporaryDirectory directory;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    directory.write("m.data-0000" + std::to_string(shard) + "-of-00003", data[shard]);
  }
  for (const std::size_t entries_per_block : {1U, 2U, 7U, 1000U}) {
    directory.write("m.index", table(entries, entries_per_block));
    const WeightSource source = open_tf_checkpoint(directory.path() / "m");
    REQUIRE(source.tensors().size() == kTensors);
    for (std::size_t i = 0; i < kTensors; ++i) {
      const StoredTensor& tensor = source.tensors()[i];
      CHECK(tensor.name == "layer/" + std::to_string(1000 + i));
      CHECK(tensor.bytes.read().data()[0] == static_cast<std::byte>(i * i));
      CHECK_THAT(tensor.file, ContainsSubstring("data-0000" + std::to_string(i % kShards) + "-of"));
    }
  }
}

TEST_CASE("tf_checkpoint: checkpoints that TensorFlow wrote hold every variable",
          "[checkpoints][tf][shared-golden]") {
  const std::map<std::string, std::size_t> counts{
      {"base", 82}, {"textcnn", 114}, {"denses", 166}, {"seq2seq", 135}};
  for (const auto& [variant, count] : counts) {
    INFO(variant);
    const auto variables = test::find_golden("tf/" + variant + "/variables.json");
    if (!variables) return;
    const WeightSource source = open_tf_checkpoint(variables->parent_path() / "checkpoint");
    const Json document = test::read_golden_json(*variables);
    CHECK(source.tensors().size() == count);
    REQUIRE(document["variables"].size() == count);
    for (const Json& variable : document["variables"]) {
      const auto name = variable["name"].get<std::string>();
      INFO(name);
      const StoredTensor* const tensor = source.find(name);
      REQUIRE(tensor != nullptr);
      CHECK(tensor->shape == variable["shape"].get<Shape>());
      CHECK(to_string(tensor->type) == variable["dtype"].get<std::string>());
    }
  }
}
