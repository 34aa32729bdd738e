#include <bit>
#include <filesystem>
#include <string>
#include <vector>

#include "files/byte_reader.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/torch_archive.hpp"
#include "polytag/error.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "torch_bytes.hpp"
#include "torch_fixtures.hpp"

// The format of torch.save before PyTorch 1.6.
using namespace polytag;
using namespace torch_bytes;
using namespace torch_fixtures;

namespace {

const std::string kStart = legacy_start();

std::string keys_pickle(const std::string& keys) { return "\x80\x02](" + keys + "e."; }

/// A storage of float32 as it lies in the file.
std::string numbers(std::initializer_list<std::uint32_t> bits) {
  std::string bytes = fixed(std::uint64_t{bits.size()});
  for (const std::uint32_t one : bits) bytes += fixed(one);
  return bytes;
}

constexpr std::uint32_t kOne = 0x3F800000U, kTwo = 0x40000000U;

std::string legacy_storage(const std::string& key, std::int64_t size, const std::string& view) {
  return tuple(text("storage") + global("torch", "FloatStorage") + text(key) + text("cpu") +
               integer(size) + view) +
         "Q";
}

std::string one_tensor() {
  return dict_pickle(text("w") + tensor(legacy_storage("7", 2, "N"), 0, integer(2), integer(1)));
}

const std::string kWhole = kStart + one_tensor() + keys_pickle(text("7")) + numbers({kOne, kTwo});

std::string result_of(const std::string& bytes) {
  static const TemporaryDirectory directory;
  std::filesystem::remove(directory.path() / "m.bin");
  const auto file = directory.write("m.bin", bytes);
  const AllocationMeter meter;
  std::string result = "read";
  try {
    const WeightSource source = open_torch_archive(file);
    for (const StoredTensor& one : source.tensors()) {
      result += " " + one.name + " " + to_string(one.shape);
    }
  } catch (const Error& error) {
    result = error.what();
  }
  REQUIRE(meter.total() < 20000 + 100 * bytes.size());
  return result;
}

}  // namespace

TEST_CASE("torch_legacy: files that PyTorch writes in its first format", "[checkpoints][torch]") {
  check_linear(open_torch_archive(data("torch_before_1_6.bin")));
  check_linear(open_torch_archive(data("torch_legacy_protocol_4.bin")));
  check_linear(open_torch_archive(data("torch_legacy_beside.bin")));
  CHECK(open_checkpoint(data("torch_before_1_6.bin")).format == "PyTorch archive");
}

TEST_CASE("torch_legacy: all element types", "[checkpoints][torch]") {
  const WeightSource source = open_torch_archive(data("torch_legacy_types.bin"));
  const WeightSource zip = open_torch_archive(data("torch_types.pt"));
  REQUIRE(source.tensors().size() == 10);
  for (const StoredTensor& tensor : source.tensors()) {
    INFO(tensor.name);
    const StoredTensor* const same = zip.find(tensor.name);
    REQUIRE(same != nullptr);
    CHECK(tensor.type == same->type);
    CHECK(tensor.shape == same->shape);
    const auto bytes = tensor.bytes.read();
    const auto expected = same->bytes.read();
    CHECK(as_text(bytes.span()) == as_text(expected.span()));
  }
}

TEST_CASE("torch_legacy: views of a shared storage come out contiguous", "[checkpoints][torch]") {
  const WeightSource source = open_torch_archive(data("torch_legacy_views.bin"));
  REQUIRE(source.tensors().size() == 7);
  CHECK(values(source, "whole", {24}) == counting(0, 24));
  CHECK(values(source, "offset", {4}) == counting(20, 4));
  CHECK(values(source, "every_third", {8}) == counting(0, 8, 3));
  CHECK(values(source, "repeated", {3}) == std::vector<float>{5, 5, 5});
  CHECK(values(source, "scalar", {}) == std::vector<float>{7});
  CHECK(values(source, "empty", {0, 6}).empty());
  const Tensor transposed = source.read("transposed", {6, 4});
  for (std::size_t i = 0; i < 24; ++i) {
    CHECK(transposed.span()[i] == static_cast<float>(i % 4 * 6 + i / 4));
  }
}

TEST_CASE("torch_legacy: storages of numbers that are not read are passed over",
          "[checkpoints][torch]") {
  const OpenedCheckpoint checkpoint = open_checkpoint(data("torch_legacy_complex.bin"));
  check_linear(checkpoint.weights);
  REQUIRE(checkpoint.unread.size() == 1);
  CHECK(checkpoint.unread[0].name == "phases");
  CHECK(checkpoint.unread[0].reason == "is of torch.ComplexFloatStorage");
}

TEST_CASE("torch_legacy: a file of Python 2, whose names are bytes and whose dicts are lists",
          "[checkpoints][torch]") {
  const auto name = [](const std::string& letters) {
    return std::string("U") + static_cast<char>(letters.size()) + letters;
  };
  const auto pair = [&](const std::string& key, const std::string& value) {
    return "](" + name(key) + value + "e";
  };
  const std::string hooks = global("collections", "OrderedDict") + "q\x04]\x85R";
  const auto rebuilt = [&](const std::string& key, const std::string& count,
                           const std::string& shape, const std::string& strides) {
    const std::string id = tuple(name("storage") + "q\x01" + global("torch", "FloatStorage") +
                                 name(key) + name("cpu") + count + "N") +
                           "Q";
    return global("torch._utils", "_rebuild_tensor_v2") + "q\x03" +
           tuple(id + std::string("K\0", 2) + tuple(shape) + tuple(strides) + "\x89" + hooks) + "R";
  };
  // The list of pairs that Python 2 makes an OrderedDict of. Its memo counts from 1.
  const std::string state = "\x80\x02" + global("collections", "OrderedDict") + "q\x05](" +
                            pair("weight", rebuilt("10", "K\x06", "K\2K\3", "K\3K\1")) +
                            pair("bias", rebuilt("20", "I2\n", "K\2", "K\1")) + "e\x85R.";
  std::string floats;
  for (const float value : {0.F, 1.F, 2.F, 3.F, 4.F, 5.F}) {
    floats += fixed(std::bit_cast<std::uint32_t>(value));
  }
  const TemporaryDirectory directory;
  const auto file = directory.write(
      "m.bin", kStart + state + keys_pickle(name("10") + name("20")) + fixed(std::uint64_t{6}) +
                   floats + numbers({std::bit_cast<std::uint32_t>(-1.F), kOne}));
  check_linear(open_torch_archive(file));
}

TEST_CASE("torch_legacy: a view of a storage begins where its metadata says",
          "[checkpoints][torch]") {
  const auto with_view = [](std::int64_t offset, std::int64_t size, std::int64_t reached) {
    const std::string view = tuple(text("8") + integer(offset) + integer(size));
    return kStart +
           dict_pickle(text("w") +
                       tensor(legacy_storage("7", 2, view), 0, integer(reached), integer(1))) +
           keys_pickle(text("7")) + numbers({kOne, kTwo});
  };
  const TemporaryDirectory directory;
  const auto file = directory.write("m.bin", with_view(1, 1, 1));
  CHECK(values(open_torch_archive(file), "w", {1}) == std::vector<float>{2});
  CHECK_THAT(result_of(with_view(0, 1, 2)), ContainsSubstring("elements within its storage of 1"));
  CHECK_THAT(result_of(with_view(1, 2, 1)), ContainsSubstring("a view within its storage of 2"));
}

TEST_CASE("torch_legacy: classes with their source code are no reason to refuse the tensors",
          "[checkpoints][torch]") {
  const std::string module =
      tuple(text("module") + global("a", "Net") + text("a.py") + text("class Net: pass")) + "Q";
  CHECK(result_of(kStart +
                  dict_pickle(text("class") + module + text("w") +
                              tensor(legacy_storage("7", 2, "N"), 0, integer(2), integer(1))) +
                  keys_pickle(text("7")) + numbers({kOne, kTwo})) == "read w [2]");
}

TEST_CASE("torch_legacy: a file cut short at any length is an error",
          "[checkpoints][torch][robustness]") {
  REQUIRE(result_of(kWhole) == "read w [2]");
  for (std::size_t size = 0; size < kWhole.size(); ++size) {
    INFO(size);
    REQUIRE_THAT(result_of(kWhole.substr(0, size)), ContainsSubstring("m.bin: "));
  }
}

TEST_CASE("torch_legacy: any byte changed, an error comes out or tensors within the file",
          "[checkpoints][torch][robustness]") {
  for (std::size_t i = 0; i < kWhole.size(); ++i) {
    for (const int change : {0x01, 0x10, 0x80, 0xFF}) {
      std::string changed = kWhole;
      changed[i] = static_cast<char>(changed[i] ^ change);
      INFO(i);
      REQUIRE_THAT(result_of(changed),
                   ContainsSubstring("m.bin: ") || Catch::Matchers::StartsWith("read"));
    }
  }
}

TEST_CASE("torch_legacy: faults are named", "[checkpoints][torch][robustness]") {
  const std::string magic = kStart.substr(0, 15);
  CHECK_THAT(result_of(magic + "\x80\x02M\xE8\x03."),
             ContainsSubstring("m.bin: version: expected 1001"));
  CHECK_THAT(result_of(magic + "\x80\x02N."), ContainsSubstring("m.bin: version: expected 1001"));
  const std::string start = kStart + one_tensor();
  CHECK_THAT(result_of(start + "\x80\x02N."), ContainsSubstring("storage keys: expected a list"));
  CHECK_THAT(result_of(start + keys_pickle("N")),
             ContainsSubstring("storage keys: expected keys that tensors name, found another"));
  CHECK_THAT(result_of(start + keys_pickle(text("8"))), ContainsSubstring("found \"8\""));
  CHECK_THAT(result_of(start + keys_pickle("")),
             ContainsSubstring("tensor \"w\": expected its storage \"7\", found nothing"));
  const std::string keyed = start + keys_pickle(text("7"));
  CHECK_THAT(result_of(keyed), ContainsSubstring("storage \"7\": expected its number of elements"));
  CHECK_THAT(result_of(keyed + numbers({kOne})),
             ContainsSubstring("2 elements of float32 in storage \"7\", found 4 bytes"));
  CHECK_THAT(result_of(keyed + fixed(std::uint64_t{3}) + fixed(kOne)),
             ContainsSubstring("expected 3 elements of 4 bytes, found 4 bytes"));
  CHECK_THAT(result_of(keyed + fixed(~std::uint64_t{0})), ContainsSubstring("found 0 bytes"));
  const std::string two = numbers({kOne, kTwo});
  CHECK_THAT(result_of(start + keys_pickle(text("7") + text("7")) + two + two),
             ContainsSubstring("storage \"7\": expected one of this key, found several"));
}

TEST_CASE("torch_legacy: a tar archive of PyTorch 0.1 is refused by name", "[checkpoints][torch]") {
  std::string tar(512, '\0');
  tar.replace(0, 8, "storages");
  tar.replace(257, 5, "ustar");
  CHECK_THAT(result_of(tar), ContainsSubstring("found a tar archive, as PyTorch 0.1 wrote it"));
}
