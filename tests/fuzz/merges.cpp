// RoBERTa's vocab.json and merges.txt.

#include "slow_tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto files = fuzz::split_files<2>({reinterpret_cast<const char*>(data), size});
  directory.write("tokenizer_config.json", R"({"tokenizer_class": "RobertaTokenizer"})");
  directory.write("vocab.json", files[0]);
  directory.write("merges.txt", files[1]);
  fuzz::check_slow_tokenizer(directory);
  return 0;
}
