// tokenizer.json, tokenizer_config.json, vocab.txt, special_tokens_map.json and added_tokens.json
// together; an empty one is not there. What they make must tokenize.

#include <array>
#include <string>

#include "fuzz.hpp"
#include "polytag/text/tokenizer.hpp"
#include "scratch_directory.hpp"

namespace {

using namespace polytag;
using fuzz::require;

constexpr std::string_view kText = "The Café costs 10 €, 中文 [MASK]! <e1>ﬁne  New York</e1> x1";

void check(const Tokenizer& tokenizer, std::optional<std::string_view> pair) {
  const Encoding cut = tokenizer.encode(kText, pair, {.max_length = 1100, .with_offsets = true});
  const Encoding whole = tokenizer.encode(kText, pair);
  require(cut.ids.size() <= 1100, "max_length is respected");
  require(cut.ids.size() + cut.truncated_tokens == whole.ids.size(), "what is cut is counted");
  require(whole.token_type_ids.size() == whole.ids.size(), "each token has a type");
  for (const std::int32_t id : whole.ids) tokenizer.token(id);
  for (const TokenOffset& offset : cut.offsets) {
    require(offset.begin <= offset.end, "a token ends behind its begin");
    require(offset.end <= kText.size(), "a token lies in the text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchDirectory directory;
  constexpr std::array kNames{"tokenizer.json", "tokenizer_config.json", "vocab.txt",
                              "special_tokens_map.json", "added_tokens.json"};
  const auto files = fuzz::split_files<kNames.size()>({reinterpret_cast<const char*>(data), size});
  for (std::size_t i = 0; i < kNames.size(); ++i) directory.write(kNames[i], files[i]);
  fuzz::succeeds([&] {
    const Tokenizer tokenizer = load_tokenizer(directory.path());
    for (const bool paired : {false, true}) {
      const std::size_t special = tokenizer.sequence_template().added(paired);
      fuzz::succeeds([&] {
        check(tokenizer, paired ? std::optional<std::string_view>("naïve [SEP]") : std::nullopt);
      });
      const Encoding least = tokenizer.encode(kText, paired ? std::optional(kText) : std::nullopt,
                                              {.max_length = special, .with_offsets = true});
      require(least.ids.size() == special, "special tokens alone are left");
    }
  });
  return 0;
}
