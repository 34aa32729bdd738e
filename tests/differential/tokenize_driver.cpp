// Tokenizes JSON lines for the scripts of this folder: reads {"text": …, "pair": …, "max_length":
// …, "special": …} from standard input, or "hex" for a text of any bytes; writes ids, token type
// ids and offsets in code points.

#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "polytag/text/tokenizer.hpp"

namespace {

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: tokenize_driver MODEL_DIRECTORY\n";
    return 2;
  }
  try {
    const polytag::Tokenizer tokenizer = polytag::load_tokenizer(argv[1]);
    polytag::Encoding encoding;
    polytag::Encoding without_offsets;
    for (std::string line; std::getline(std::cin, line);) {
      const auto row = nlohmann::json::parse(line);
      const std::string text =
          row.contains("hex") ? bytes_of(row["hex"]) : row.at("text").get<std::string>();
      std::optional<std::string> pair;
      if (row.contains("pair")) pair = row["pair"].get<std::string>();
      polytag::EncodeOptions options{
          .max_length = row.value("max_length", polytag::kUnlimitedTokens),
          .add_special_tokens = row.value("special", false)};
      tokenizer.encode(text, pair, options, without_offsets);
      options.with_offsets = true;
      options.offset_unit = polytag::OffsetUnit::kCodePoints;
      tokenizer.encode(text, pair, options, encoding);
      nlohmann::json offsets = nlohmann::json::array();
      for (const auto& offset : encoding.offsets) offsets.push_back({offset.begin, offset.end});
      std::cout << nlohmann::json{{"ids", encoding.ids},
                                  {"ids_without_offsets", without_offsets.ids},
                                  {"type_ids", encoding.token_type_ids},
                                  {"truncated", encoding.truncated_tokens},
                                  {"offsets", offsets}}
                       .dump()
                << '\n';
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
