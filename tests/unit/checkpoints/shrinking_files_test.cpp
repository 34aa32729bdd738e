// Weight files that somebody shortens or overwrites after they were opened and before they are
// read. (What opening makes of files cut short is tested with each format.)

#include <functional>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "polytag/checkpoints/torch_archive.hpp"
#include "polytag/error.hpp"
#include "safetensors_bytes.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tf_bundle.hpp"
#include "torch_bytes.hpp"

using namespace polytag;

namespace {

const std::string kOneAndTwo = tf_bundle::fixed(0x3F800000U) + tf_bundle::fixed(0x40000000U);
const std::string kHalfAndThree("\x00\x38\x00\x42", 4);  // as float16

/// A checkpoint of two tensors, "w" of float32 and "h" of float16.
struct Checkpoint {
  const char* format;
  std::filesystem::path weights;  // the file that has the tensors' bytes
  std::function<WeightSource()> open;
};

Checkpoint safetensors(const TemporaryDirectory& directory) {
  const auto file = directory.write(
      "m.safetensors",
      safetensors_bytes(R"({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},)"
                        R"("h": {"dtype": "F16", "shape": [2], "data_offsets": [8, 12]}})",
                        kOneAndTwo + kHalfAndThree));
  return {"safetensors", file, [file] { return open_safetensors(file); }};
}

Checkpoint tensorflow(const TemporaryDirectory& directory) {
  using namespace tf_bundle;
  Entry half = entry_for(kHalfAndThree, 19, {2});
  half.offset = 8;
  directory.write("m.index", table({{"", header(1)},
                                    {"h", half.encoded()},
                                    {"w", entry_for(kOneAndTwo, 1, {2}).encoded()}}));
  const auto prefix = directory.path() / "m";
  return {"TensorFlow", directory.write("m.data-00000-of-00001", kOneAndTwo + kHalfAndThree),
          [prefix] { return open_tf_checkpoint(prefix); }};
}

Checkpoint torch(const TemporaryDirectory& directory) {
  using namespace torch_bytes;
  const std::string pickle =
      dict_pickle(text("w") + tensor(storage("FloatStorage", "0", 2), 0, integer(2), integer(1)) +
                  text("h") + tensor(storage("HalfStorage", "1", 2), 0, integer(2), integer(1)));
  const auto file = directory.write("m.pt", Zip()
                                                .add("m/data.pkl", pickle)
                                                .add("m/data/0", kOneAndTwo)
                                                .add("m/data/1", kHalfAndThree)
                                                .finish());
  return {"PyTorch", file, [file] { return open_torch_archive(file); }};
}

/// What reading both tensors gives: their elements, or "IoError" for one that cannot be read.
std::vector<std::string> read_both(const WeightSource& source) {
  std::vector<std::string> results;
  for (const char* name : {"w", "h"}) {
    try {
      const Tensor tensor = source.read(name, {2});
      results.push_back(std::to_string(tensor.span()[0]) + " " + std::to_string(tensor.span()[1]));
    } catch (const IoError& error) {
      CHECK_THAT(error.what(),
                 ContainsSubstring(source.find(name)->file + ": cannot read: expected"));
      results.emplace_back("IoError");
    }
  }
  return results;
}

const std::vector<std::string> kWhole{"1.000000 2.000000", "0.500000 3.000000"};

}  // namespace

TEST_CASE("weights: a file that shrinks after it was opened is an error of what it lost",
          "[checkpoints][robustness]") {
  const TemporaryDirectory directory;
  for (const auto& make : {safetensors, tensorflow, torch}) {
    std::size_t lost_something = 0;
    for (std::size_t size = 0;; ++size) {
      const Checkpoint checkpoint = make(directory);
      const WeightSource source = checkpoint.open();
      std::filesystem::resize_file(checkpoint.weights, size);
      INFO(checkpoint.format << " cut to " << size);
      const auto results = read_both(source);
      std::filesystem::remove(checkpoint.weights);
      if (results == kWhole) break;
      ++lost_something;
      for (std::size_t i = 0; i < results.size(); ++i) {
        CHECK((results[i] == kWhole[i] || results[i] == "IoError"));
      }
    }
    CHECK(lost_something >= 12);  // the bytes of the tensors
  }
}

TEST_CASE("weights: a file that is replaced by renaming is read as it was",
          "[checkpoints][robustness]") {
  const TemporaryDirectory directory;
  for (const auto& make : {safetensors, tensorflow, torch}) {
    const Checkpoint checkpoint = make(directory);
    const WeightSource source = checkpoint.open();
    std::filesystem::rename(directory.write("other", "short"), checkpoint.weights);
    INFO(checkpoint.format);
    CHECK(read_both(source) == kWhole);
  }
}

TEST_CASE("weights: a file that is overwritten in place gives an error or what is there then",
          "[checkpoints][robustness]") {
  const TemporaryDirectory directory;
  for (const auto& make : {safetensors, tensorflow, torch}) {
    const Checkpoint checkpoint = make(directory);
    const WeightSource source = checkpoint.open();
    INFO(checkpoint.format);
    const std::string name = checkpoint.weights.filename().string();
    directory.write(name, std::string(std::filesystem::file_size(checkpoint.weights), '\0'));
    CHECK(read_both(source) == std::vector<std::string>{"0.000000 0.000000", "0.000000 0.000000"});
    directory.write(name, "short");
    CHECK(read_both(source) == std::vector<std::string>{"IoError", "IoError"});
  }
}
