// A file of torch.save before PyTorch 1.6 behind its first three pickles, which are sound.

#include "fuzz.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "scratch_directory.hpp"
#include "unit/checkpoints/torch_bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto file =
      directory.write("model.bin", torch_bytes::legacy_start() +
                                       std::string(reinterpret_cast<const char*>(data), size));
  fuzz::succeeds([&] { fuzz::read_all(open_checkpoint(file).weights); });
  return 0;
}
