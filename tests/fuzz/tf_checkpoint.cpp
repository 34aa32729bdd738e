// The index of a TensorFlow checkpoint, its data and its state file, byte by byte.

#include "polytag/checkpoints/tf_checkpoint.hpp"

#include "fuzz.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto [index, content, state] =
      fuzz::split_files<3>({reinterpret_cast<const char*>(data), size});
  directory.write("model.index", index);
  directory.write("model.data-00000-of-00001", content);
  directory.write("checkpoint", state);
  fuzz::succeeds([&] { fuzz::read_all(open_tf_checkpoint(directory.path() / "model")); });
  fuzz::succeeds([&] { fuzz::read_all(open_checkpoint(directory.path()).weights); });
  return 0;
}
