// What torch.save writes, byte by byte.

#include "fuzz.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto file = directory.write("model.pt", {reinterpret_cast<const char*>(data), size});
  fuzz::succeeds([&] { fuzz::read_all(open_checkpoint(file).weights); });
  return 0;
}
