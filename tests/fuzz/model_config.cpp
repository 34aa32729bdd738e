// config.json.

#include "polytag/model/model_config.hpp"

#include <variant>

#include "fuzz.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto file = directory.write("config.json", {reinterpret_cast<const char*>(data), size});
  fuzz::succeeds([&] {
    const ModelConfig config = read_model_config(file);
    std::visit([&](const auto& encoder) { encoder.validate(config.file); }, config.encoder);
    config.decision.validate(config.labels.size());
    for (const std::size_t label : config.excluded_labels) config.labels.name(label);
  });
  return 0;
}
