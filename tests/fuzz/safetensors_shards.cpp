// An index of shards and the headers of two; whole files are made around these.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "scratch_directory.hpp"
#include "unit/checkpoints/safetensors_bytes.hpp"

namespace {

/// As many bytes of tensors as a header asks for.
std::string make_data(std::string_view header) {
  constexpr std::size_t kMost = 1 << 16;
  std::size_t end = 0;
  const auto json = nlohmann::json::parse(header, nullptr, false);
  if (!json.is_object()) return "";
  for (const auto& entry : json) {
    if (!entry.is_object() || !entry.contains("data_offsets")) continue;
    for (const auto& offset : entry["data_offsets"]) {
      if (offset.is_number_unsigned()) end = std::max(end, offset.get<std::size_t>());
    }
  }
  return std::string(std::min(end, kMost), '\x3F');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto [index, first, second] =
      fuzz::split_files<3>({reinterpret_cast<const char*>(data), size});
  directory.write("model.safetensors.index.json", index);
  directory.write("a.safetensors", safetensors_bytes(first, make_data(first)));
  directory.write("b.safetensors", safetensors_bytes(second, make_data(second)));
  fuzz::succeeds([&] { fuzz::read_all(open_safetensors(directory.path())); });
  return 0;
}
