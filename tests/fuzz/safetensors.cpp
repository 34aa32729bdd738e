// A safetensors file, byte by byte.

#include "polytag/checkpoints/safetensors.hpp"

#include "fuzz.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto file =
      directory.write("model.safetensors", {reinterpret_cast<const char*>(data), size});
  fuzz::succeeds([&] { fuzz::read_all(open_safetensors(file)); });
  return 0;
}
