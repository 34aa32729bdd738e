#include <string>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "safetensors_bytes.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

/// A shard with one tensor of one byte.
std::string shard(std::string_view name) {
  return safetensors_bytes(
      "{\"" + std::string(name) + R"(": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})",
      "\x07");
}

/// A directory of two shards with "a" and "b", and an index that says what the test wants.
struct Sharded {
  explicit Sharded(std::string_view weight_map) {
    directory.write("1.safetensors", shard("a"));
    directory.write("2.safetensors", shard("b"));
    index = directory.write("model.safetensors.index.json",
                            "{\"weight_map\": " + std::string(weight_map) + "}");
  }

  std::string refusal() const {
    try {
      open_safetensors(index);
    } catch (const Error& error) {
      const std::string message = error.what();
      const std::string folder = directory.path().string() + "/";
      REQUIRE(message.starts_with(folder));
      return message.substr(folder.size());
    }
    return "nothing";
  }

  TemporaryDirectory directory;
  std::filesystem::path index;
};

}  // namespace

TEST_CASE("safetensors index: all shards are one source", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  const WeightSource source = open_safetensors(sharded.index);
  REQUIRE(source.tensors().size() == 2);
  CHECK(source.find("b")->file == (sharded.directory.path() / "2.safetensors").string());
  CHECK(source.location() == sharded.index.string());
  CHECK(open_safetensors(sharded.directory.path()).tensors().size() == 2);
}

TEST_CASE("safetensors index: a directory prefers the single file", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  sharded.directory.write("model.safetensors", shard("c"));
  CHECK(open_safetensors(sharded.directory.path()).find("c") != nullptr);
}

TEST_CASE("safetensors index: a directory without weights says what is needed",
          "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(open_safetensors(directory.path()),
                    ContainsSubstring("model.safetensors: no such file; needed for the weights"));
}

TEST_CASE("safetensors index: a shard that is missing", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "3.safetensors"})");
  CHECK(sharded.refusal() == "3.safetensors: no such file; needed for 1 tensors that " +
                                 sharded.index.string() + " places in it");
}

TEST_CASE("safetensors index: shard names that point elsewhere", "[checkpoints][safetensors]") {
  for (const char* name :
       {"../../x", "/etc/passwd", "..", ".", "", "a/b", "a\\\\b", "c:x", "1.safetensors\\u0000"}) {
    INFO(name);
    CHECK_THAT(Sharded("{\"a\": \"" + std::string(name) + "\"}").refusal(),
               ContainsSubstring("model.safetensors.index.json: weight_map: \"a\": expected the "
                                 "name of a file beside the index, found \""));
  }
  CHECK(Sharded(R"({"a": 1})").refusal() ==
        "model.safetensors.index.json: weight_map: \"a\": expected a file name, found number");
}

TEST_CASE("safetensors index: a tensor that its shard lacks", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"})");
  CHECK(sharded.refusal() == "2.safetensors: tensor \"c\": expected its bytes, as " +
                                 sharded.index.string() + " says, found nothing");
}

TEST_CASE("safetensors index: a tensor that another shard holds, or that the index lacks",
          "[checkpoints][safetensors]") {
  CHECK(Sharded(R"({"a": "2.safetensors", "b": "1.safetensors"})").refusal() ==
        "model.safetensors.index.json: weight_map: \"a\": expected \"1.safetensors\", which holds "
        "it, found \"2.safetensors\"");
  CHECK(Sharded(R"({"b": "2.safetensors", "c": "1.safetensors"})").refusal() ==
        "model.safetensors.index.json: weight_map: \"a\": expected \"1.safetensors\", which holds "
        "it, found nothing");
}

TEST_CASE("safetensors index: a tensor in two shards", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  sharded.directory.write("2.safetensors", shard("a"));
  CHECK_THAT(sharded.refusal(), ContainsSubstring("weight_map: \"a\": expected \"2.safetensors\""));
}

TEST_CASE("safetensors index: a damaged shard is named", "[checkpoints][safetensors]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  sharded.directory.write("2.safetensors", shard("b") + "x");
  CHECK(sharded.refusal() ==
        "2.safetensors: file size: expected 1 bytes of tensors behind the header, found 2");
}

TEST_CASE("safetensors index: a document without a weight map", "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  for (const char* text : {"{}", "[]", "3", R"({"weight_map": []})", "{"}) {
    const auto index = directory.write("i.json", text);
    CHECK_THROWS_AS(open_safetensors(index), FormatError);
  }
  CHECK_THROWS_AS(open_safetensors(directory.path() / "absent.json"), IoError);
}

TEST_CASE("safetensors index: changed in any byte, only an Error comes out",
          "[checkpoints][safetensors][property]") {
  const Sharded sharded(R"({"a": "1.safetensors", "b": "2.safetensors"})");
  const std::string whole = file_bytes(sharded.index);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int change : {0x01, 0x02, 0x80}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ change);
      sharded.directory.write("model.safetensors.index.json", changed);
      INFO("byte " << i << " changed by " << change);
      CHECK_NOTHROW(sharded.refusal());
    }
  }
}
