// config.json, vocab.txt and model.safetensors, byte by byte.

#include "classify_any.hpp"
#include "fuzz.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto [config, vocabulary, weights] =
      fuzz::split_files<3>({reinterpret_cast<const char*>(data), size});
  directory.write("config.json", config);
  directory.write("tokenizer_config.json", fuzz::kQuickTokenizer);
  directory.write("vocab.txt", vocabulary);
  directory.write("model.safetensors", weights);
  fuzz::succeeds([&] { fuzz::load_and_classify(directory.path()); });
  return 0;
}
