// tokenizer.json, tokenizer_config.json and vocab.txt together; an empty one is not there. What
// they make must tokenize.

#include "fuzz.hpp"
#include "polytag/text/tokenizer.hpp"
#include "scratch_directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  const auto files = fuzz::split_files<3>({reinterpret_cast<const char*>(data), size});
  directory.write("tokenizer.json", files[0]);
  directory.write("tokenizer_config.json", files[1]);
  directory.write("vocab.txt", files[2]);
  fuzz::succeeds([&] {
    const Tokenizer tokenizer = load_tokenizer(directory.path());
    const Encoding encoding = tokenizer.encode("The Café costs 10 €, 中文 [MASK]!", "naïve [SEP]",
                                               {.max_length = 20, .with_offsets = true});
    fuzz::require(encoding.ids.size() <= 20, "max_length is respected");
    for (const std::int32_t id : encoding.ids) tokenizer.token(id);
  });
  return 0;
}
