#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "files/byte_reader.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "polytag/error.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tf_v1_bytes.hpp"

// TensorFlow's first checkpoint format: one table that holds the tensors themselves.
using namespace polytag;
using namespace tf_bundle;
using namespace tf_v1;

namespace {

std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(POLYTAG_TEST_DATA) / "checkpoints" / name;
}

const std::string kFloats = fixed(0x3F800000U) + fixed(0x40000000U);
const std::string kList = list(listed("w", 1, {2}, whole(1)));
const std::string kW = saved("w", whole(1), bytes_field(5, kFloats));

std::string result_of(const std::string& bytes) {
  static const TemporaryDirectory directory;
  std::filesystem::remove(directory.path() / "m.ckpt");
  const auto file = directory.write("m.ckpt", bytes);
  const AllocationMeter meter;
  std::string result = "read";
  try {
    const WeightSource source = open_tf_checkpoint(file);
    for (const StoredTensor& tensor : source.tensors()) {
      result += " " + tensor.name + " " + to_string(tensor.shape);
    }
  } catch (const Error& error) {
    result = error.what();
  }
  REQUIRE(meter.total() < 20000 + 100 * bytes.size());
  return result;
}

/// The outcome of a table with this list and one variable.
std::string result_of(const std::string& variables, const std::string& variable) {
  return result_of(table({{"", variables}, {"k", variable}}));
}

}  // namespace

TEST_CASE("tf_checkpoint_v1: every element type that TensorFlow writes so", "[checkpoints][tf]") {
  const OpenedCheckpoint checkpoint = open_checkpoint(data("tensorflow_v1_types"));
  CHECK(checkpoint.format == "TensorFlow checkpoint");
  const WeightSource& source = checkpoint.weights;
  REQUIRE(source.tensors().size() == 11);  // texts are left out
  for (const char* name :
       {"float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"}) {
    INFO(name);
    const StoredTensor* const tensor = source.find(name);
    REQUIRE(tensor != nullptr);
    CHECK(to_string(tensor->type) == name);
    CHECK(tensor->shape == Shape{2, 3});
    REQUIRE(tensor->bytes.size() == 6 * size_of(tensor->type));
    const auto bytes = tensor->bytes.read();
    const std::string_view text = name;
    for (std::size_t i = 0; i < 6; ++i) {
      if (text.starts_with("float")) continue;
      const auto value = std::to_integer<std::uint8_t>(bytes.data()[i * size_of(tensor->type)]);
      const bool is_unsigned = text == "uint8" || text == "bool";
      const int expected = static_cast<int>(i) - (is_unsigned ? 0 : 3);
      CHECK(value == static_cast<std::uint8_t>(text == "bool" ? i != 0 : expected));
    }
  }
  for (const char* name : {"float64", "float32", "float16"}) {
    const Tensor values = source.read(name, {2, 3});
    for (std::size_t i = 0; i < 6; ++i) CHECK(values.span()[i] == static_cast<float>(i) - 3.0F);
  }
  CHECK(source.find("scalar")->shape.empty());
  CHECK(std::to_integer<int>(source.find("scalar")->bytes.read().data()[0]) == 7);
  CHECK(source.find("empty")->shape == Shape{0, 3});
}

TEST_CASE("tf_checkpoint_v1: files that a saver for several devices wrote", "[checkpoints][tf]") {
  const TemporaryDirectory directory;
  for (const char* name :
       {"tensorflow_v1_shards-00000-of-00002", "tensorflow_v1_shards-00001-of-00002"}) {
    directory.write(name, file_bytes(data(name)));
  }
  directory.write("checkpoint",
                  "model_checkpoint_path: \"/train/tensorflow_v1_shards-????"
                  "?-of-00002\"");
  const WeightSource source = open_checkpoint(directory.path()).weights;
  REQUIRE(source.tensors().size() == 2);
  CHECK(source.read("on_0", {2}).span()[0] == 1.0F);
  CHECK(source.read("on_1", {2}).span()[0] == 2.0F);
  std::filesystem::remove(directory.path() / "tensorflow_v1_shards-00001-of-00002");
  CHECK_THROWS_WITH(open_checkpoint(directory.path()),
                    ContainsSubstring("shards-00001-of-00002: no such file; needed for tensors"));
}

TEST_CASE("tf_checkpoint_v1: a variable in slices is refused by name", "[checkpoints][tf]") {
  CHECK_THROWS_WITH(open_tf_checkpoint(data("tensorflow_v1_slices")),
                    ContainsSubstring("tensor \"sliced\": expected a whole variable, found a slice "
                                      "of it; save it again without a partitioner"));
}

TEST_CASE("tf_checkpoint_v1: is found by its prefix, its state file or its last bytes",
          "[checkpoints][tf]") {
  const std::string bytes = table({{"", kList}, {"k", kW}});
  const TemporaryDirectory directory;
  const auto file = directory.write("m.ckpt-1", bytes);
  directory.write("checkpoint", "model_checkpoint_path: \"m.ckpt-1\"");
  for (const auto& path : {file, directory.path()}) {
    CHECK(open_tf_checkpoint(path).read("w", {2}).span()[1] == 2.0F);
    CHECK(open_checkpoint(path).weights.read("w", {2}).span()[1] == 2.0F);
  }
}

TEST_CASE("tf_checkpoint_v1: numbers as bytes, and tables that Snappy has compressed",
          "[checkpoints][tf]") {
  CHECK(result_of(kList, saved("w", whole(1), bytes_field(4, kFloats))) == "read w [2]");
  const std::string contents = block_contents(Entries{{"", kList}, {"k", kW}});
  REQUIRE(contents.size() < 256);
  const std::string compressed =
      varint(contents.size()) + "\xF0" + static_cast<char>(contents.size() - 1) + contents;
  const TemporaryDirectory directory;
  const auto file = directory.write("m", Table().add_block("k", compressed, 1).finish());
  CHECK(open_tf_checkpoint(file).read("w", {2}).span()[1] == 2.0F);
}

TEST_CASE("tf_checkpoint_v1: a file cut short at any length, or with any byte changed",
          "[checkpoints][tf][robustness]") {
  const std::string bytes = table({{"", kList}, {"k", kW}});
  REQUIRE(result_of(bytes) == "read w [2]");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO(i);
    REQUIRE_THAT(result_of(bytes.substr(0, i)), ContainsSubstring("m.ckpt: "));
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    const std::string result = result_of(changed);
    if (result != "read w [2]") REQUIRE_THAT(result, ContainsSubstring("m.ckpt: "));
  }
  // Under right checksums: the messages themselves.
  const auto change = [](const std::string& message, const auto& read) {
    for (std::size_t i = 0; i < message.size(); ++i) {
      for (const int value : {0x00, 0x01, 0x0A, 0x12, 0x7F, 0x80, 0xFF}) {
        std::string changed = message;
        changed[i] = static_cast<char>(value);
        read(changed);
      }
      read(message.substr(0, i));
    }
  };
  change(kList, [](const std::string& changed) { result_of(changed, kW); });
  change(kW, [](const std::string& changed) { result_of(kList, changed); });
}

TEST_CASE("tf_checkpoint_v1: faults are named", "[checkpoints][tf][robustness]") {
  const auto floats = bytes_field(5, kFloats);
  CHECK_THAT(result_of(table({{"k", kW}})),
             ContainsSubstring("list of variables: expected one under the empty key"));
  CHECK_THAT(result_of(table({{"", kList}})),
             ContainsSubstring("tensor \"w\": expected its numbers, found nothing"));
  CHECK_THAT(result_of(table({{"", kList}, {"k", kW}, {"l", kW}})),
             ContainsSubstring("tensor \"w\": expected its numbers once, found twice"));
  CHECK_THAT(result_of(kList, saved("v", whole(1), floats)),
             ContainsSubstring("tensor \"v\": expected a variable of the list"));
  CHECK_THAT(result_of(kList, saved("w", half(), floats)), ContainsSubstring("a whole variable"));
  CHECK_THAT(result_of(list(listed("w", 1, {2}, half())), kW),
             ContainsSubstring("tensor \"w\": expected a whole variable"));
  CHECK_THAT(result_of(list(listed("w", 1, {2}, whole(1)) + listed("w", 1, {2}, whole(1))), kW),
             ContainsSubstring("tensor \"w\": expected one definition, found several"));
  CHECK_THAT(result_of(list(listed("w", 1, {2}, whole(1)), 2), kW),
             ContainsSubstring("one for readers of version 2"));
  CHECK_THAT(result_of(kList, saved("w", whole(1), floats + floats)),
             ContainsSubstring("expected its numbers once, found twice"));
  CHECK_THAT(result_of(kList, saved("w", whole(1), "")),
             ContainsSubstring("tensor \"w\": expected 2 numbers, found 0 bytes"));
  CHECK_THAT(result_of(kList, saved("w", whole(1), bytes_field(6, kFloats))),
             ContainsSubstring("expected 2 numbers, found 0 bytes"));
  CHECK_THAT(result_of(kList, saved("w", whole(1), varint_field(5, 1))),
             ContainsSubstring("a nested message, found wire type 0"));
  const std::uint64_t most = std::uint64_t{1} << 62;
  CHECK_THAT(result_of(list(listed("w", 1, {most, most}, whole(2))), kW),
             ContainsSubstring("a shape that fits into memory"));
  CHECK_THAT(result_of(list(listed("w", 1, {most}, whole(1))), kW),
             ContainsSubstring("4611686018427387904 numbers, found 8 bytes"));
  const std::string bytes = list(listed("w", 6, {2}, whole(1)));  // int8
  const auto numbers = [&](const std::string& varints) {
    return result_of(bytes, saved("w", whole(1), bytes_field(7, varints)));
  };
  CHECK(numbers(varint(127) + varint(~std::uint64_t{0})) == "read w [2]");
  CHECK_THAT(numbers(varint(1)), ContainsSubstring("expected 2 numbers, found 1 bytes of them"));
  CHECK_THAT(numbers(varint(1) + varint(2) + varint(3)), ContainsSubstring("found more"));
  CHECK_THAT(numbers(varint(1) + varint(256)), ContainsSubstring("numbers of 1 bytes, found 256"));
  CHECK_THAT(numbers(varint(1) + varint(~std::uint64_t{0} - 128)),
             ContainsSubstring("numbers of 1 bytes"));
}
