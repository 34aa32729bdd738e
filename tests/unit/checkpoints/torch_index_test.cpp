#include <array>
#include <string>

#include "files/byte_reader.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "torch_bytes.hpp"

// safetensors_index_test.cpp has more of what an index may say: one reader serves both formats.
using namespace polytag;

namespace {

constexpr std::array<std::size_t, 1> kShape{2};

torch_bytes::Tensors with_tensor(std::string_view name, float first, float second) {
  const std::array<float, 2> values{first, second};
  torch_bytes::Tensors tensors;
  tensors.add(name, kShape, as_text(std::as_bytes(std::span(values))));
  return tensors;
}

/// A directory of two shards with "a" and "b", and an index that says what the test wants.
struct Sharded {
  explicit Sharded(std::string_view weight_map) {
    directory.write("1.bin", with_tensor("a", 1.5F, -2.0F).archive());
    directory.write("2.bin", with_tensor("b", 0.25F, 7.0F).archive());
    index = directory.write(
        "pytorch_model.bin.index.json",
        "{\"metadata\": {\"total_size\": 16}, \"weight_map\": " + std::string(weight_map) + "}");
  }

  std::string refusal() const {
    try {
      open_checkpoint(index);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  }

  TemporaryDirectory directory;
  std::filesystem::path index;
};

constexpr std::string_view kRight = R"({"a": "1.bin", "b": "2.bin"})";

}  // namespace

TEST_CASE("torch index: all shards are one source, by the index and by its directory",
          "[checkpoints][torch]") {
  const Sharded sharded(kRight);
  for (const auto& path : {sharded.index, sharded.directory.path()}) {
    const OpenedCheckpoint checkpoint = open_checkpoint(path);
    CHECK(checkpoint.format == "PyTorch archive");
    const WeightSource& weights = checkpoint.weights;
    REQUIRE(weights.tensors().size() == 2);
    CHECK(weights.location() == sharded.index.string());
    CHECK(weights.find("b")->file == (sharded.directory.path() / "2.bin").string());
    CHECK(weights.read("a", {2}).span()[1] == -2.0F);
    CHECK(weights.read("b", {2}).span()[0] == 0.25F);
  }
}

TEST_CASE("torch index: a directory prefers the single file", "[checkpoints][torch]") {
  const Sharded sharded(kRight);
  sharded.directory.write("pytorch_model.bin", with_tensor("c", 0, 0).archive());
  CHECK(open_checkpoint(sharded.directory.path()).weights.find("c") != nullptr);
}

TEST_CASE("torch index: what stands beside the tensors of any shard is named",
          "[checkpoints][torch]") {
  using namespace torch_bytes;
  const Sharded sharded(kRight);
  const auto tensors = with_tensor("b", 0, 0);
  sharded.directory.write(
      "2.bin", tensors.archive(dict_pickle(tensors.items() + text("step") + integer(3))));
  const OpenedCheckpoint checkpoint = open_checkpoint(sharded.index);
  REQUIRE(checkpoint.unread.size() == 1);
  CHECK(checkpoint.unread[0].name == "step");
}

TEST_CASE("torch index: an index that shards contradict, or that points elsewhere, is refused",
          "[checkpoints][torch]") {
  CHECK_THAT(Sharded(R"({"a": "1.bin", "b": "3.bin"})").refusal(),
             ContainsSubstring("3.bin: no such file; needed for 1 tensors"));
  CHECK_THAT(Sharded(R"({"a": "1.bin", "b": "../2.bin"})").refusal(),
             ContainsSubstring("\"b\": expected the name of a file beside the index"));
  CHECK_THAT(Sharded(R"({"a": "1.bin", "b": "2.bin", "c": "2.bin"})").refusal(),
             ContainsSubstring("2.bin: tensor \"c\": expected its bytes"));
  CHECK_THAT(Sharded(R"({"a": "2.bin", "b": "1.bin"})").refusal(),
             ContainsSubstring("\"a\": expected \"1.bin\", which holds it, found \"2.bin\""));
  CHECK_THAT(Sharded(R"({"b": "2.bin", "c": "1.bin"})").refusal(),
             ContainsSubstring("\"a\": expected \"1.bin\", which holds it, found nothing"));
  CHECK_THAT(Sharded(R"([])").refusal(), ContainsSubstring("weight_map: expected an object"));
}

TEST_CASE("torch index: twin tensors, a damaged shard and one of another format are refused",
          "[checkpoints][torch]") {
  const Sharded sharded(kRight);
  sharded.directory.write("2.bin", with_tensor("a", 0, 0).archive());
  CHECK_THAT(sharded.refusal(), ContainsSubstring("\"a\": expected \"2.bin\", which holds it"));
  const std::string whole = with_tensor("b", 0, 0).archive();
  sharded.directory.write("2.bin", whole.substr(0, whole.size() / 2));
  CHECK_THAT(sharded.refusal(), ContainsSubstring("2.bin: "));
  sharded.directory.write("2.bin", "{}");
  CHECK_THAT(sharded.refusal(), ContainsSubstring("2.bin: format: expected the zip archive"));
}
