#include "polytag/checkpoints/safetensors.hpp"

#include <cstddef>
#include <limits>
#include <string>

#include "polytag/error.hpp"
#include "safetensors_bytes.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

const std::string kEight(8, '\x01');

/// What opening these bytes as a file throws.
std::string refusal(const std::string& bytes) {
  const TemporaryDirectory directory;
  const auto file = directory.write("model.safetensors", bytes);
  try {
    open_safetensors(file);
  } catch (const FormatError& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(file.string() + ": "));
    return message.substr(file.string().size() + 2);
  }
  return "nothing";
}

}  // namespace

TEST_CASE("safetensors: tensors come in the order of their bytes", "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file = directory.write(
      "model.safetensors",
      safetensors_bytes(R"({"__metadata__": {"format": "pt"},)"
                        R"("a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [2, 10]},)"
                        R"("b": {"dtype": "BF16", "shape": [], "data_offsets": [0, 2]},)"
                        R"("none": {"dtype": "I64", "shape": [0, 3], "data_offsets": [2, 2]}}  )",
                        std::string("\x80\x3f\x00\x00\x80\x3f\x00\x00\x00\xc0", 10)));
  const WeightSource source = open_safetensors(file);
  REQUIRE(source.tensors().size() == 3);
  CHECK(source.location() == file.string());
  CHECK(source.tensors()[0].name == "b");
  CHECK(source.tensors()[1].name == "none");
  CHECK(source.tensors()[2].name == "a");
  CHECK(source.tensors()[2].file == file.string());
  CHECK(source.read("b", {}).span()[0] == 1.0F);
  // "a" begins at an odd address: the header has an odd length, and two bytes stand before it.
  const Tensor a = source.read("a", {1, 2});
  CHECK(a.span()[0] == 1.0F);
  CHECK(a.span()[1] == -2.0F);
}

TEST_CASE("safetensors: bytes outlive the file's name and the source moves",
          "[checkpoints][safetensors]") {
  const TemporaryDirectory directory;
  const auto file =
      directory.write("m.safetensors", one_tensor(R"("I8")", "[2]", "[0, 2]", "\x05\x06"));
  WeightSource opened = open_safetensors(file);
  std::filesystem::remove(file);
  const WeightSource source = std::move(opened);
  REQUIRE(source.find("w") == source.tensors().data());
  CHECK(source.find("w")->bytes.read().data()[1] == std::byte{6});
}

TEST_CASE("safetensors: all element types are known by name", "[checkpoints][safetensors]") {
  for (const auto& [type, expected] : {std::pair{R"("F64")", ElementType::kFloat64},
                                       {R"("F32")", ElementType::kFloat32},
                                       {R"("F16")", ElementType::kFloat16},
                                       {R"("BF16")", ElementType::kBfloat16},
                                       {R"("I64")", ElementType::kInt64},
                                       {R"("I32")", ElementType::kInt32},
                                       {R"("I16")", ElementType::kInt16},
                                       {R"("I8")", ElementType::kInt8},
                                       {R"("U8")", ElementType::kUint8},
                                       {R"("BOOL")", ElementType::kBool}}) {
    const std::size_t size = size_of(expected);
    const TemporaryDirectory directory;
    const WeightSource source = open_safetensors(directory.write(
        "m.safetensors",
        one_tensor(type, "[1]", "[0, " + std::to_string(size) + "]", kEight.substr(0, size))));
    CHECK(source.tensors()[0].type == expected);
  }
}

TEST_CASE("safetensors: a file with no tensors is one", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes("{}", "")) == "nothing");
}

TEST_CASE("safetensors: a file shorter than its header's length", "[checkpoints][safetensors]") {
  CHECK(refusal("") == "file size: expected at least 8 bytes, found 0");
  CHECK(refusal("1234567") == "file size: expected at least 8 bytes, found 7");
}

TEST_CASE("safetensors: a header of length zero", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes("{}", "", 0)) ==
        "header length: expected 2 to 2 bytes in a file of 10, found 0");
}

TEST_CASE("safetensors: a header longer than the file", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes("{}", "", 3)) ==
        "header length: expected 2 to 2 bytes in a file of 10, found 3");
}

TEST_CASE("safetensors: a header length that overflows", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes("{}", "", std::numeric_limits<std::uint64_t>::max() - 7)) ==
        "header length: expected 2 to 2 bytes in a file of 10, found 18446744073709551608");
}

TEST_CASE("safetensors: a header that is no JSON", "[checkpoints][safetensors]") {
  CHECK_THAT(refusal(safetensors_bytes("not json at all", "")),
             ContainsSubstring("JSON: expected a valid document, found "));
  CHECK_THAT(refusal(safetensors_bytes(std::string("{}\0", 3), "")),
             ContainsSubstring("JSON: expected a valid document, found "));
  CHECK_THAT(refusal(safetensors_bytes("{\"\xff\": 1}", "")),
             ContainsSubstring("JSON: expected a valid document, found "));
  CHECK(refusal(safetensors_bytes("[]", "")) == "header: expected an object, found array");
}

TEST_CASE("safetensors: a header that nests too deep", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes(std::string(1000000, '['), "")) ==
        "JSON: expected at most 64 levels, found more");
}

TEST_CASE("safetensors: a tensor named twice", "[checkpoints][safetensors]") {
  const std::string entry = R"("w": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]})";
  CHECK(refusal(safetensors_bytes("{" + entry + ", " + entry + "}", "")) ==
        "JSON key \"w\": expected one value, found a second one");
}

TEST_CASE("safetensors: a tensor that is no object or has stray fields",
          "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes(R"({"w": 3})", "")) ==
        "tensor \"w\": expected an object, found number");
  CHECK(refusal(safetensors_bytes(
            R"({"w": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0], "strides": [1]}})",
            "")) == "tensor \"w\": expected dtype, shape and data_offsets, found also \"strides\"");
}

TEST_CASE("safetensors: metadata that are not texts", "[checkpoints][safetensors]") {
  CHECK(refusal(safetensors_bytes(R"({"__metadata__": {"format": 1}})", "")) ==
        "__metadata__: expected an object of strings, found object");
  CHECK(refusal(safetensors_bytes(R"({"__metadata__": "pt"})", "")) ==
        "__metadata__: expected an object of strings, found string");
}

TEST_CASE("safetensors: an element type that is unknown, absent or no text",
          "[checkpoints][safetensors]") {
  const std::string expected =
      "tensor \"w\": dtype: expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL, "
      "found ";
  CHECK(refusal(one_tensor(R"("F8_E4M3")", "[8]", "[0, 8]", kEight)) == expected + "F8_E4M3");
  CHECK(refusal(one_tensor("32", "[2]", "[0, 8]", kEight)) == expected + "number");
  CHECK(refusal(safetensors_bytes(R"({"w": {}})", "")) == expected + "nothing");
}

TEST_CASE("safetensors: shapes that are negative, fractional, too large or no list",
          "[checkpoints][safetensors]") {
  const auto with_shape = [](std::string_view shape) {
    return refusal(one_tensor(R"("F32")", shape, "[0, 8]", kEight));
  };
  CHECK(with_shape("[-2]") == "tensor \"w\": shape: expected whole numbers from 0, found -2");
  CHECK(with_shape("[2.0]") == "tensor \"w\": shape: expected whole numbers from 0, found 2.0");
  CHECK(with_shape("[\"2\"]") == "tensor \"w\": shape: expected whole numbers from 0, found \"2\"");
  CHECK_THAT(with_shape("[18446744073709551616]"), ContainsSubstring("whole numbers from 0"));
  CHECK(with_shape("2") == "tensor \"w\": shape: expected a list of dimensions, found number");
  CHECK(with_shape("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]") ==
        "tensor \"w\": shape: expected at most 16 dimensions, found 17");
}

TEST_CASE("safetensors: a shape whose size overflows", "[checkpoints][safetensors]") {
  // 2^32 * 2^32 * 4 bytes are 0 modulo 2^64.
  CHECK(refusal(one_tensor(R"("F32")", "[4294967296, 4294967296]", "[0, 0]", "")) ==
        "tensor \"w\": shape: expected a size in bytes that fits 64 bits, "
        "found [4294967296, 4294967296]");
  CHECK_THAT(refusal(one_tensor(R"("F32")", "[4611686018427387905]", "[0, 4]", "1234")),
             ContainsSubstring("a size in bytes that fits 64 bits"));
}

TEST_CASE("safetensors: a size that does not fit type and shape", "[checkpoints][safetensors]") {
  CHECK(refusal(one_tensor(R"("F32")", "[3]", "[0, 8]", kEight)) ==
        "tensor \"w\": data_offsets: expected 12 bytes for float32 [3], found 8");
  CHECK(refusal(one_tensor(R"("F16")", "[2, 1]", "[0, 8]", kEight)) ==
        "tensor \"w\": data_offsets: expected 4 bytes for float16 [2, 1], found 8");
}

TEST_CASE("safetensors: offsets that are no two numbers", "[checkpoints][safetensors]") {
  for (const char* offsets : {"[0]", "[0, 8, 8]", "[-8, 0]", "[0, 8.0]", "{}", "[[0], 8]"}) {
    CHECK_THAT(refusal(one_tensor(R"("F32")", "[2]", offsets, kEight)),
               ContainsSubstring("data_offsets: expected two whole numbers from 0, found "));
  }
}

TEST_CASE("safetensors: offsets behind the end or the wrong way round",
          "[checkpoints][safetensors]") {
  const std::string expected =
      "tensor \"w\": data_offsets: expected a range within the 8 bytes behind the header, found ";
  for (const char* offsets : {"[0,9]", "[8,0]", "[9,9]", "[18446744073709551608,0]",
                              "[18446744073709551608,18446744073709551615]"}) {
    CHECK(refusal(one_tensor(R"("F32")", "[2]", offsets, kEight)) == expected + offsets);
  }
}

TEST_CASE("safetensors: tensors that overlap or leave a gap", "[checkpoints][safetensors]") {
  const auto with_second = [](std::string_view offsets) {
    return refusal(
        safetensors_bytes(R"({"a": {"dtype": "I32", "shape": [1], "data_offsets": [0, 4]},)"
                          R"("b": {"dtype": "I8", "shape": [3], "data_offsets": )" +
                              std::string(offsets) + "}}",
                          kEight));
  };
  CHECK(with_second("[3, 6]") ==
        "tensor \"b\": data_offsets: expected a beginning at 4, where the tensor before it ends, "
        "found 3 (an overlap)");
  CHECK(with_second("[5, 8]") ==
        "tensor \"b\": data_offsets: expected a beginning at 4, where the tensor before it ends, "
        "found 5 (a gap)");
  CHECK(with_second("[4, 7]") ==
        "file size: expected 7 bytes of tensors behind the header, found 8");
}

TEST_CASE("safetensors: a tensor's name neither fills a log nor commands a terminal",
          "[checkpoints][safetensors]") {
  const std::string message =
      refusal(safetensors_bytes(R"({"\u001b[2J)" + std::string(100000, 'x') + R"(": 3})", ""));
  CHECK(message.size() < 1000);
  CHECK(message.find('\x1b') == std::string::npos);
}

TEST_CASE("safetensors: cut anywhere or with any byte changed, only an Error comes out",
          "[checkpoints][safetensors][property]") {
  const TemporaryDirectory directory;
  const std::string whole = safetensors_bytes(
      R"({"__metadata__":{"a":"b"},"u":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("v":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}   )",
      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a");
  const auto survives = [&](const std::string& bytes) {
    try {
      const WeightSource source = open_safetensors(directory.write("m.safetensors", bytes));
      for (const StoredTensor& tensor : source.tensors()) {
        if (tensor.type != ElementType::kInt64) (void)source.read(tensor.name, tensor.shape);
      }
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  REQUIRE(survives(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut to " << size);
    CHECK_FALSE(survives(whole.substr(0, size)));
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int change : {0x01, 0x02, 0x10, 0x20, 0x80, 0xFF}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ change);
      INFO("byte " << i << " changed by " << change);
      CHECK_NOTHROW(survives(changed));
    }
  }
}
