// SentencePiece's table of replacements and a text that it is applied to.

#include "text/charsmap.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  const auto files = fuzz::split_files<2>({reinterpret_cast<const char*>(data), size});
  fuzz::succeeds([&] {
    const text::Charsmap charsmap(files[1], "fuzz");
    text::Characters characters = text::characters_of(files[0]);
    charsmap.apply(characters);
    std::size_t begin = 0, end = 0;
    for (const NormalizedCharacter& character : characters) {
      fuzz::require(character.begin >= begin && character.end >= end, "places ascend");
      fuzz::require(character.end <= files[0].size(), "a place lies in the text");
      begin = character.begin;
      end = character.end;
    }
  });
  return 0;
}
