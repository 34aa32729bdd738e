// A pickle in an archive that is sound, with storages of 0 to 64 bytes to refer to.

#include "fuzz.hpp"
#include "polytag/checkpoints/torch_archive.hpp"
#include "scratch_directory.hpp"
#include "unit/checkpoints/torch_bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  torch_bytes::Zip zip;
  zip.add("a/data.pkl", {reinterpret_cast<const char*>(data), size});
  zip.add("a/byteorder", "little");
  zip.add("a/data/0", "");
  zip.add("a/data/1", std::string(16, '\1'));
  zip.add("a/data/2", std::string(24, '\2'));
  zip.add("a/data/3", std::string(64, '\3'));
  const auto file = directory.write("model.pt", zip.finish());
  fuzz::succeeds([&] { fuzz::read_all(open_torch_archive(file)); });
  return 0;
}
