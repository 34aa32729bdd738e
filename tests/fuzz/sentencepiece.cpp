// A SentencePiece model, read by each class that has one.

#include <array>
#include <string>

#include "slow_tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  constexpr std::array kClasses{"XLMRoberta", "Camembert", "DebertaV2", "Albert", "XLNet"};
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t choice = choices.byte();
  directory.write("tokenizer_config.json",
                  std::string(R"({"tokenizer_class": ")") + kClasses[choice % kClasses.size()] +
                      R"(Tokenizer", "split_by_punct": )" + (choice < 128 ? "true}" : "false}"));
  directory.write("spm.model", choices.rest());
  fuzz::check_slow_tokenizer(directory);
  return 0;
}
