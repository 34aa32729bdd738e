#include <limits>
#include <string>

#include "polytag/checkpoints/torch_archive.hpp"
#include "polytag/error.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "torch_bytes.hpp"

using namespace polytag;
using namespace torch_bytes;

namespace {

const std::string kStorage = storage("FloatStorage", "0", 6);
const std::string kNumbers(24, '\x3F');
const std::string kTensor = tensor(kStorage, 0, integer(2) + integer(3), integer(3) + integer(1));
const std::string kPickle = dict_pickle(text("w") + kTensor);
const std::string kWhole = "read w [2, 3]";

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Opens these bytes as an archive. Whatever they are, no more memory is asked for, all requests
/// together, than the size of the file allows: some for paths and messages, a multiple for what
/// describes a tensor.
std::string result_of(const std::string& archive) {
  static const TemporaryDirectory directory;
  // Some file systems wait for the disk when a file is overwritten, and none when it is new.
  std::filesystem::remove(directory.path() / "m.pt");
  const auto file = directory.write("m.pt", archive);
  const AllocationMeter meter;
  std::string result = "read";
  try {
    const WeightSource source = open_torch_archive(file);
    for (const StoredTensor& tensor : source.tensors()) {
      result += " " + tensor.name + " " + to_string(tensor.shape);
    }
  } catch (const Error& error) {
    result = error.what();
  }
  REQUIRE(meter.total() < 16384 + 100 * archive.size());
  return result;
}

std::string archive_of(const std::string& pickle) {
  return Zip().add("m/data.pkl", pickle).add("m/data/0", kNumbers).finish();
}

std::string result_of_pickle(const std::string& pickle) { return result_of(archive_of(pickle)); }

/// With one tensor of this storage, offset, shape and strides.
std::string result_of_tensor(const std::string& storage_, std::int64_t offset,
                             const std::string& shape, const std::string& strides) {
  return result_of_pickle(dict_pickle(text("w") + tensor(storage_, offset, shape, strides)));
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string whole;
  for (std::size_t i = 0; i < times; ++i) whole += part;
  return whole;
}

}  // namespace

TEST_CASE("torch_archive: the example that the faults are made from is well-formed",
          "[checkpoints][torch][robustness]") {
  CHECK(result_of_pickle(kPickle) == kWhole);
}

TEST_CASE("torch_archive: a file cut short at any length is an error",
          "[checkpoints][torch][robustness]") {
  const std::string archive = archive_of(kPickle);
  for (std::size_t size = 0; size < archive.size(); ++size) {
    INFO(size);
    REQUIRE_THAT(result_of(archive.substr(0, size)), ContainsSubstring("m.pt: "));
  }
}

TEST_CASE("torch_archive: no flipped bit changes a tensor unnoticed",
          "[checkpoints][torch][robustness]") {
  const std::string archive = archive_of(kPickle);
  const std::size_t pickle_begin = 30 + std::string("m/data.pkl").size();
  const std::size_t pickle_end = pickle_begin + kPickle.size();
  for (std::size_t i = 0; i < archive.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = archive;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const std::string result = result_of(flipped);
      INFO(i << ", bit " << bit << ": " << result);
      if (i >= pickle_begin && i < pickle_end) {
        REQUIRE_THAT(result, ContainsSubstring("member \"m/data.pkl\": expected the checksum"));
      } else if (result != kWhole) {  // times, versions and the like have no meaning for us
        REQUIRE_THAT(result, ContainsSubstring("m.pt: "));
      }
    }
  }
}

TEST_CASE("torch_archive: a changed pickle under a right checksum ends in an error or in tensors",
          "[checkpoints][torch][robustness]") {
  for (std::size_t i = 0; i < kPickle.size(); ++i) {
    for (int value = 0; value < 256; value += (i < 8 || i + 8 > kPickle.size() ? 1 : 5)) {
      std::string changed = kPickle;
      changed[i] = static_cast<char>(value);
      result_of_pickle(changed);
    }
    for (const char opcode : std::string_view(
             ".()012NIJKLMRQbtedaslo]}uqrhjcXCUi\x80\x81\x85\x86\x87\x88\x89\x8A\x8B\x8C\x8D\x8F"
             "\x90\x91\x92\x93\x94\x95")) {
      std::string changed = kPickle;
      changed.insert(i, 1, opcode);
      result_of_pickle(changed);
    }
    std::string shorter = kPickle;
    shorter.erase(i, 1);
    result_of_pickle(shorter);
    REQUIRE_THAT(result_of_pickle(kPickle.substr(0, i)), ContainsSubstring("data.pkl"));
  }
}

TEST_CASE("torch_archive: faults of the zip archive are named",
          "[checkpoints][torch][robustness]") {
  const auto with = [](const Claims& claims) {
    return result_of(Zip().add("m/data.pkl", kPickle).add("m/data/0", kNumbers, claims).finish());
  };
  CHECK(with({}) == kWhole);
  CHECK(with({.local_extra = "padding to 64 bytes"}) == kWhole);
  CHECK_THAT(result_of(""), ContainsSubstring("m.pt: format: "));
  CHECK_THAT(result_of("PK"), ContainsSubstring("a central directory at its end, found none"));
  CHECK_THAT(with({.crc_change = 1}),
             ContainsSubstring("member \"m/data/0\": expected the checksum"));
  CHECK_THAT(with({.method = 8}), ContainsSubstring("found deflated ones"));
  CHECK_THAT(with({.method = 93}), ContainsSubstring("found compression method 93"));
  CHECK_THAT(with({.flags = 1}), ContainsSubstring("found an encrypted one"));
  CHECK_THAT(with({.local_name = "m/data/1"}),
             ContainsSubstring("its name in the local header, found \"m/data/1\""));
  CHECK_THAT(with({.size_change = 1}), ContainsSubstring("expected 25 bytes, found 24"));
  CHECK_THAT(with({.stored_size_change = 1 << 20}), ContainsSubstring("member \"m/data/0\", byte"));
  CHECK_THAT(with({.size_change = -25, .stored_size_change = -25, .zip64 = true}),
             ContainsSubstring("18446744073709551615 more bytes"));
  CHECK_THAT(with({.offset_change = -1}), ContainsSubstring("a local header at byte"));
  CHECK_THAT(with({.offset_change = 1 << 20}), ContainsSubstring("a place in front of byte"));
  CHECK_THAT(with({.offset_change = -kMost, .zip64 = true}),
             ContainsSubstring("a place in front of byte"));

  CHECK_THAT(result_of(Zip().add("data.pkl", kPickle).finish()),
             ContainsSubstring("a folder with data.pkl"));
  CHECK_THAT(result_of(Zip().add("a/data.pkl", kPickle).add("b/data.pkl", kPickle).finish()),
             ContainsSubstring("one folder with data.pkl, found several"));
  CHECK_THAT(result_of(Zip().add("m/data.pkl", kPickle).add("m/data.pkl", kPickle).finish()),
             ContainsSubstring("one of this name, found several"));
  CHECK_THAT(result_of(Zip().add("m/data.pkl", kPickle).finish()),
             ContainsSubstring("tensor \"w\": expected its bytes as member \"m/data/0\""));
  CHECK_THAT(result_of(Zip().add("m/data.pkl", kPickle).add("m/byteorder", "big").finish()),
             ContainsSubstring("m/byteorder: expected little, found \"big\""));
}

TEST_CASE("torch_archive: members that overlap are refused", "[checkpoints][torch][robustness]") {
  // The second header lies within the first member's bytes, as in an archive that unpacks to more
  // than it holds.
  const std::string inner = Zip().add("m/data/0", kNumbers).finish();
  const std::string local = inner.substr(0, inner.find("PK\1\2"));
  const Claims back{.offset_change = -static_cast<std::int64_t>(local.size())};
  const std::string archive =
      Zip().add("m/data.pkl", kPickle).add("m/x", local).add("m/data/0", kNumbers, back).finish();
  CHECK_THAT(result_of(archive), ContainsSubstring("members that do not overlap, found one at"));
}

TEST_CASE("torch_archive: faults of the central directory are named",
          "[checkpoints][torch][robustness]") {
  const Zip zip = Zip().add("m/data.pkl", kPickle).add("m/data/0", kNumbers);
  CHECK(result_of(zip.finish_zip64()) == kWhole);
  constexpr auto kWide = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t change : {std::uint64_t{1}, std::uint64_t{1} << 40, kWide / 2}) {
    CHECK_THAT(result_of(zip.finish_zip64(change)), ContainsSubstring("m.pt: central directory"));
    CHECK_THAT(result_of(zip.finish_zip64(0, change)),
               ContainsSubstring("m.pt: central directory"));
    CHECK_THAT(result_of(zip.finish_zip64(0, 0, change)),
               ContainsSubstring("m.pt: central directory"));
    CHECK_THAT(result_of(zip.finish_zip64(0, 0, 0, change)),
               ContainsSubstring("m.pt: Zip64 end record"));
  }
  CHECK_THAT(result_of(zip.finish_zip64(kWide)),
             ContainsSubstring("more bytes"));  // one member less
  const std::string archive = zip.finish();
  const std::string start = archive.substr(0, archive.size() - 22);
  CHECK_THAT(result_of(start + Zip::end(2, 10, 0, "")),
             ContainsSubstring("room for 2 members, found 10 bytes"));
  CHECK_THAT(result_of(start + Zip::end(0, 0, ~0U, "")), ContainsSubstring("a place in front of"));
  CHECK_THAT(result_of(start + Zip::end(0, 0, 0, "")), ContainsSubstring("a folder with data.pkl"));
  CHECK_THAT(result_of(archive + "x"), ContainsSubstring("none in"));
}

TEST_CASE("torch_archive: a pickle that names code in place of tensors is refused by name",
          "[checkpoints][torch][robustness]") {
  const auto call = [](const std::string& function, const std::string& argument) {
    return result_of_pickle("\x80\x02" + function + text(argument) + "\x85R.");
  };
  CHECK_THAT(call(global("os", "system"), "true"), ContainsSubstring("found \"os.system\""));
  CHECK_THAT(call(global("posix", "system"), "true"), ContainsSubstring("found \"posix.system\""));
  CHECK_THAT(call(global("builtins", "eval"), "1"), ContainsSubstring("found \"builtins.eval\""));
  CHECK_THAT(call(text("os") + text("system") + "\x93", "true"),
             ContainsSubstring("found \"os.system\""));
  CHECK_THAT(call(global("torch._utils", "_rebuild_tensor_v2.__globals__"), "x"),
             ContainsSubstring("_rebuild_tensor_v2.__globals__"));
  CHECK_THAT(call(global("collections", "OrderedDict.fromkeys"), "x"),
             ContainsSubstring("found \"collections.OrderedDict.fromkeys\""));
  CHECK_THAT(call("cos\nsystem", "true"), ContainsSubstring("the end of a line"));
  const auto run = [](const std::string& opcodes) {
    return result_of_pickle("\x80\x02" + opcodes + ".");
  };
  CHECK_THAT(run("(ios\nsystem\n"), ContainsSubstring("found \"os.system\""));
  CHECK_THAT(run("(" + global("os", "system") + text("true") + "o"),
             ContainsSubstring("found \"os.system\""));
  CHECK_THAT(run(global("os", "system") + ")\x81"), ContainsSubstring("found \"os.system\""));
  CHECK_THAT(run(global("os", "system") + ")}\x92"), ContainsSubstring("found \"os.system\""));
  CHECK_THAT(run(global("os", "system") + ")\x81}b"), ContainsSubstring("found \"os.system\""));
  CHECK_THAT(run("}" + text("state_dict") + global("os", "system") + ")Rs"),
             ContainsSubstring("found \"os.system\""));
  // What torch.save never writes: extension codes, persistent ids by text, buffers apart.
  for (const char* opcodes : {"\x82\x01", "P1\n", "N\x97", "S'a'\n", "Va\n"}) {
    CHECK_THAT(run(opcodes), ContainsSubstring("an opcode that torch.save writes, found opcode"));
  }
}

TEST_CASE("torch_archive: code beside the tensors is nothing to them",
          "[checkpoints][torch][robustness]") {
  const std::string call = global("os", "system") + text("true") + "\x85R";
  const auto beside = [](const std::string& value) {
    return result_of_pickle(dict_pickle(text("x") + value + text("w") + kTensor));
  };
  for (const std::string& value : {call,
                                   call + "}b",
                                   call + "(NNe",
                                   call + "N" + "a",
                                   call + "NNs",
                                   global("os", "system"),
                                   std::string("(ios\nsystem\n"),
                                   global("a", "B") + ")\x81}b",
                                   std::string("\x8F(K\1K\2\x90"),
                                   std::string("(K\1\x91"),
                                   std::string("C\2ab"),
                                   std::string("\x8A\x09"
                                               "123456789"),
                                   std::string("I01\n"),
                                   std::string("L123L\n"),
                                   std::string("I99999999999999999999\n"),
                                   std::string("N20"),
                                   std::string("(NN1N"),
                                   std::string("(NNl"),
                                   std::string("(NNd"),
                                   global("torch", "ComplexFloatStorage")}) {
    INFO(value);
    CHECK(beside(value) == kWhole);
  }
  for (const std::string& value :
       {std::string("I1x\n"), std::string("I\n"), std::string("Lx\n"), std::string("(o"),
        std::string("1"), std::string("N)\x81"), std::string("(N\x90")}) {
    INFO(value);
    CHECK_THAT(beside(value), ContainsSubstring("data.pkl, byte"));
  }
}

TEST_CASE("torch_archive: calls with other arguments than torch.save writes are refused",
          "[checkpoints][torch][robustness]") {
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  const std::string parameter = global("torch._utils", "_rebuild_parameter");
  const auto run = [](const std::string& opcodes) {
    return result_of_pickle("\x80\x02" + opcodes + ".");
  };
  CHECK_THAT(run(rebuild + ")R"), ContainsSubstring("6 arguments of _rebuild_tensor_v2, found 0"));
  CHECK_THAT(run(rebuild + "(NNNNNNtR"), ContainsSubstring("the storage of a tensor, found None"));
  CHECK_THAT(run(rebuild + "NR"), ContainsSubstring("a tuple of arguments, found None"));
  CHECK_THAT(run("})R"), ContainsSubstring("a function to call, found a dict"));
  CHECK_THAT(run(global("torch", "FloatStorage") + ")R"),
             ContainsSubstring("a function to call, found a storage type"));
  CHECK_THAT(run(parameter + ")R"), ContainsSubstring("3 arguments of _rebuild_parameter"));
  CHECK_THAT(run(parameter + "NNN\x87R"), ContainsSubstring("the tensor of a parameter"));
  const std::string ordered = global("collections", "OrderedDict");
  CHECK_THAT(run(ordered + "](Ne\x85R"), ContainsSubstring("a key and its value, found None"));
  CHECK_THAT(run(ordered + "](N\x85\x85"
                           "e\x85R"),
             ContainsSubstring("a key and its value, found 1 values"));
  CHECK_THAT(run(global("torch._tensor", "_rebuild_from_type_v2") + ")R"),
             ContainsSubstring("4 arguments of _rebuild_from_type_v2"));
  CHECK_THAT(run("NQ"), ContainsSubstring("the tuple that names a storage"));
  CHECK_THAT(run(")Q"), ContainsSubstring("found another persistent id"));
  CHECK_THAT(run(tuple(text("module") + "NNNN") + "Q"), ContainsSubstring("a class, found None"));
  CHECK_THAT(run(tuple(text("modules") + "NNNN") + "Q"),
             ContainsSubstring("another persistent id"));
  const std::string viewed =
      text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + integer(6);
  CHECK_THAT(run(tuple(viewed + tuple(text("v") + integer(5) + integer(2))) + "Q"),
             ContainsSubstring("a view within its storage of 6, found 2 elements at 5"));
  CHECK_THAT(run(tuple(viewed + ")") + "Q"), ContainsSubstring("(key, offset, size) of a view"));
  CHECK_THAT(run(tuple(text("storage") + "NNNN") + "Q"), ContainsSubstring("a type of storage"));
  CHECK_THAT(run(global("torch", "ComplexFloatStorage")), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run(storage("FloatStorage", "0", -1)), ContainsSubstring("elements, found -1"));
  CHECK_THAT(run("]}b"), ContainsSubstring("a dict to set attributes of, found a list"));
}

TEST_CASE("torch_archive: faults of the pickle machine are named",
          "[checkpoints][torch][robustness]") {
  const auto run = [](const std::string& opcodes) {
    return result_of_pickle("\x80\x02" + opcodes);
  };
  CHECK_THAT(result_of_pickle(""), ContainsSubstring("data.pkl, byte 0: expected 1 more bytes"));
  CHECK_THAT(run("."), ContainsSubstring("a value on the stack, found none"));
  CHECK_THAT(run("}(."), ContainsSubstring("a value on the stack, found none"));
  CHECK_THAT(run("t."), ContainsSubstring("a mark on the stack, found none"));
  CHECK_THAT(run("N\x86."), ContainsSubstring("2 values on the stack, found 1"));
  CHECK_THAT(run("N(N\x86."), ContainsSubstring("2 values on the stack, found 1"));
  CHECK_THAT(run("}N(Nu."), ContainsSubstring("keys with values"));
  CHECK_THAT(run("}NNs."), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run("]NNs."), ContainsSubstring("a dict to set items of, found a list"));
  CHECK_THAT(run("}Na."), ContainsSubstring("a list to append to, found a dict"));
  CHECK_THAT(run("h\x07."), ContainsSubstring("one of 0 memoized objects, found number 7"));
  CHECK_THAT(run("j\xFF\xFF\xFF\xFF."), ContainsSubstring("found number 4294967295"));
  CHECK_THAT(run("Nr\xFF\xFF\xFF\xFF."),
             ContainsSubstring("to be memoized, found number 4294967295"));
  CHECK_THAT(run("q"), ContainsSubstring("more bytes"));
  CHECK_THAT(run(std::string("q\0", 2)), ContainsSubstring("a value on the stack"));
  CHECK_THAT(run("\x8B\xFF\xFF\xFF\xFF."), ContainsSubstring("4294967295 more bytes"));
  CHECK_THAT(run("X\xFF\xFF\xFF\xFF."), ContainsSubstring("4294967295 more bytes"));
  CHECK_THAT(run("\x8D" + std::string(8, '\xFF')),
             ContainsSubstring("18446744073709551615 more bytes"));
  CHECK_THAT(result_of_pickle("\x80\x06N."), ContainsSubstring("pickle protocol 2 to 5, found 6"));
  CHECK_THAT(result_of_pickle("\x80\x01N."), ContainsSubstring("protocol 2 to 5, found 1"));
  CHECK_THAT(run("N."), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run("}."), ContainsSubstring("a dict of tensors"));
}

TEST_CASE("torch_archive: pickles that swell are held to the size of the file",
          "[checkpoints][torch][robustness]") {
  const auto run = [](const std::string& opcodes) {
    return result_of_pickle("\x80\x02" + opcodes);
  };
  constexpr std::size_t kMany = 100000;
  CHECK_THAT(run(repeated("N", kMany)), ContainsSubstring("at most 65536 values on the stack"));
  CHECK_THAT(run(repeated("(", kMany)), ContainsSubstring("at most 65536 marks"));
  // Deep: tuples, lists and dicts within each other.
  CHECK_THAT(run("N" + repeated("\x85", kMany) + "."), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run(repeated("]", 1000) + repeated("a", 999) + "."), ContainsSubstring("a dict of"));
  // Wide: many small containers, all kept.
  CHECK_THAT(run("]" + repeated("}a", kMany) + "."), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run("]" + repeated(")a", kMany) + "."), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(run("N" + repeated("\x94", kMany) + "."), ContainsSubstring("a dict of tensors"));
  // Doubling: each list holds the one before twice.
  std::string doubling = "]q" + std::string(1, '\0');
  for (int i = 0; i < 200; ++i) {
    doubling += "](h" + std::string(1, static_cast<char>(i)) + "h" +
                std::string(1, static_cast<char>(i)) + "eq" +
                std::string(1, static_cast<char>(i + 1));
  }
  CHECK_THAT(run(doubling + "."), ContainsSubstring("a dict of tensors"));
  // A dict that holds itself, under the key that is followed.
  CHECK_THAT(run("}q" + std::string(1, '\0') + text("model") + "h" + std::string(1, '\0') + "s."),
             ContainsSubstring("a dict of tensors"));
  // A list of pairs that many dicts are made of.
  const std::string pairs = "](" + repeated("NN\x86", 1000) + "eq";
  CHECK_THAT(
      run(pairs + std::string(1, '\0') + "](" +
          repeated(global("collections", "OrderedDict") + "h" + std::string(1, '\0') + "\x85R",
                   10) +
          "e."),
      ContainsSubstring("a list of pairs to be used once"));
  // A long key before the names of many tensors.
  const std::string tensors = "}(" + text("w") + kTensor + "uq" + std::string(1, '\0');
  CHECK_THAT(run(tensors + "}(" +
                 repeated(text(std::string(400, 'k')) + "h" + std::string(1, '\0'), 1) + "u."),
             ContainsSubstring("read " + std::string(400, 'k') + ".w"));
  // A long shape named once, and tensors that share it.
  const std::string start = global("torch._utils", "_rebuild_tensor_v2") + "q" +
                            std::string(1, '\0') + tuple(repeated("K\1", 60000)) + "q\1";
  CHECK_THAT(run(start + "h" + std::string(1, '\0') + "(" + kStorage + "K" + std::string(1, '\0') +
                 "h\1h\1\x89NtR."),
             ContainsSubstring("at most 16 dimensions, found 60000"));
  // One tensor called into being again and again.
  const std::string arguments =
      tuple(kStorage + integer(0) + tuple(integer(6)) + tuple(integer(1)) + "\x89N");
  const std::string again = "h" + std::string(1, '\0') + "h\1R";
  CHECK_THAT(run("](" + global("torch._utils", "_rebuild_tensor_v2") + "q" + std::string(1, '\0') +
                 arguments + "q\1" + repeated(again, 20000) + "e."),
             ContainsSubstring("a dict of tensors"));
  // One long name for many tensors.
  const std::string name = "h" + std::string(1, '\0') + "h\1";
  CHECK_THAT(run("}(" + text(std::string(50000, 'n')) + "q" + std::string(1, '\0') + kTensor +
                 "q\1" + repeated(name, 10000) + "u."),
             ContainsSubstring("one definition, found several"));
  CHECK_THAT(run(std::string(std::size_t{1} << 23, 'N')),
             ContainsSubstring("at most 8388608 bytes"));
}

TEST_CASE("torch_archive: tensors beyond their storage are refused",
          "[checkpoints][torch][robustness]") {
  const auto one = integer(1);
  const auto most = integer(kMost);
  const auto outside = ContainsSubstring("tensor \"w\": expected elements within its storage of 6");
  CHECK(result_of_tensor(kStorage, 0, integer(6), one) == "read w [6]");
  CHECK(result_of_tensor(kStorage, 6, integer(0), one) == "read w [0]");
  CHECK(result_of_tensor(kStorage, 5, one + one, most + most) == "read w [1, 1]");
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(7), one), outside);
  CHECK_THAT(result_of_tensor(kStorage, 1, integer(6), one), outside);
  CHECK_THAT(result_of_tensor(kStorage, 7, integer(0), one), outside);
  CHECK_THAT(result_of_tensor(kStorage, 6, "", ""), outside);
  CHECK_THAT(result_of_tensor(kStorage, kMost, "", ""), outside);
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(2), integer(6)), outside);
  CHECK_THAT(result_of_tensor(kStorage, 0, most, most), outside);
  CHECK_THAT(result_of_tensor(kStorage, 0, most, integer(2)), outside);
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(2), most), outside);
  CHECK_THAT(result_of_tensor(kStorage, kMost, integer(2) + integer(2), most + most), outside);
  CHECK_THAT(result_of_tensor(kStorage, 0, most + most, integer(0) + integer(0)), outside);
  CHECK_THAT(result_of_tensor(kStorage, -1, one, one),
             ContainsSubstring("a tensor's offset, found -1"));
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(-2), one),
             ContainsSubstring("a tensor's shape, found -2"));
  CHECK_THAT(result_of_tensor(kStorage, 5, integer(2), integer(-1)),
             ContainsSubstring("a tensor's strides, found -1"));
  CHECK_THAT(result_of_tensor(kStorage, 0, one, one + one),
             ContainsSubstring("a stride for each of 1 dimensions, found 2"));
  CHECK_THAT(result_of_tensor(kStorage, 0, "\x88", one),
             ContainsSubstring("a tensor's shape, found a bool"));
}

TEST_CASE("torch_archive: storages of another size than their bytes are refused",
          "[checkpoints][torch][robustness]") {
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{5}, std::int64_t{7}, kMost}) {
    CHECK_THAT(result_of_tensor(storage("FloatStorage", "0", size), 0, "", ""),
               ContainsSubstring("elements of float32 in storage \"0\", found 24 bytes"));
  }
  CHECK_THAT(result_of_tensor(storage("DoubleStorage", "0", 6), 0, "", ""),
             ContainsSubstring("6 elements of float64 in storage \"0\", found 24 bytes"));
  CHECK(result_of_tensor(storage("DoubleStorage", "0", 3), 0, "", "") == "read w []");
  CHECK_THAT(result_of_tensor(storage("FloatStorage", "../0", 6), 0, "", ""),
             ContainsSubstring("expected its bytes as member \"m/data/../0\", found nothing"));
}

TEST_CASE("torch_archive: copies of views are held to the size of the file",
          "[checkpoints][torch][robustness]") {
  const auto too_large =
      ContainsSubstring("copies of non-contiguous tensors no larger than the file");
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(1LL << 40), integer(0)), too_large);
  CHECK_THAT(result_of_tensor(kStorage, 0, integer(1LL << 62), integer(0)), too_large);
  // Each copy is small, but not all of them together.
  std::string items;
  for (int i = 0; i < 100; ++i) {
    items += text(std::to_string(i)) + tensor(kStorage, 0, integer(100), integer(0));
  }
  CHECK_THAT(result_of_pickle(dict_pickle(items)), too_large);
}
