#include "polytag/checkpoints/open_checkpoint.hpp"

#include <filesystem>
#include <string>

#include "polytag/error.hpp"
#include "safetensors_bytes.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

const fs::path kData = fs::path(POLYTAG_TEST_DATA) / "checkpoints";

std::string one() { return one_tensor(R"("U8")", "[1]", "[0, 1]", "x"); }

}  // namespace

TEST_CASE("open_checkpoint: knows files by their names", "[checkpoints]") {
  const TemporaryDirectory directory;
  CHECK(open_checkpoint(directory.write("any.safetensors", one())).format == "safetensors");
  CHECK(open_checkpoint(kData / "torch_types.pt").format == "PyTorch archive");
  for (const char* name : {"a.bin", "a.pth"}) {
    fs::copy_file(kData / "torch_types.pt", directory.path() / name);
    CHECK(open_checkpoint(directory.path() / name).format == "PyTorch archive");
  }
}

TEST_CASE("open_checkpoint: prefers, in a directory, what is mapped as it is", "[checkpoints]") {
  const TemporaryDirectory directory;
  fs::copy_file(kData / "torch_types.pt", directory.path() / "pytorch_model.bin");
  CHECK(open_checkpoint(directory.path()).format == "PyTorch archive");
  directory.write("model.safetensors", one());
  CHECK(open_checkpoint(directory.path()).format == "safetensors");
}

TEST_CASE("open_checkpoint: finds a TensorFlow checkpoint by its index", "[checkpoints]") {
  // What the reader says of an empty index shows that it was asked.
  const auto refuses_index = ContainsSubstring("model.ckpt.index: ");
  const TemporaryDirectory directory;
  directory.write("model.ckpt.index", "");
  CHECK_THROWS_WITH(open_checkpoint(directory.path() / "model.ckpt"), refuses_index);
  CHECK_THROWS_WITH(open_checkpoint(directory.path() / "model.ckpt.index"), refuses_index);
  CHECK_THROWS_WITH(open_checkpoint(directory.path()), refuses_index);
  directory.write("other.ckpt.index", "");
  CHECK_THROWS_WITH(open_checkpoint(directory.path()),
                    ContainsSubstring("model.safetensors: no such file; needed for the weights"));
  directory.write("checkpoint", "model_checkpoint_path: \"model.ckpt\"\n");
  CHECK_THROWS_WITH(open_checkpoint(directory.path()), refuses_index);
}

TEST_CASE("open_checkpoint: what is not there and what is of no known kind", "[checkpoints]") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(open_checkpoint(directory.path() / "absent"),
                    ContainsSubstring("absent: no such file; needed for the weights"));
  CHECK_THROWS_AS(open_checkpoint(directory.path() / "absent.pt"), IoError);
  CHECK_THROWS_AS(open_checkpoint(directory.path() / "absent.safetensors"), IoError);
  CHECK_THROWS_WITH(open_checkpoint(directory.write("notes.txt", "x")),
                    ContainsSubstring("expected a name that ends in .safetensors") &&
                        ContainsSubstring("found a file of another kind"));
  CHECK_THROWS_AS(open_checkpoint(std::string(10000, 'a')), IoError);
}
