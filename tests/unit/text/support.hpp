#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/text/bert_tokenizer.hpp"

namespace polytag::test {

inline std::filesystem::path text_data(const std::string& name) {
  return std::filesystem::path(POLYTAG_TEST_DATA) / "text" / name;
}

inline Vocabulary english_vocabulary() {
  return read_vocabulary((text_data("english_uncased") / "vocab.txt").string());
}
inline Vocabulary chinese_vocabulary() {
  return read_vocabulary((text_data("chinese_uncased") / "vocab.txt").string());
}

inline const Tokenizer& english_tokenizer() {
  static const Tokenizer tokenizer = make_bert_tokenizer(english_vocabulary());
  return tokenizer;
}
inline const Tokenizer& chinese_tokenizer() {
  static const Tokenizer tokenizer = make_bert_tokenizer(chinese_vocabulary());
  return tokenizer;
}

/// A tokenizer of a few words, behind [PAD] [UNK] [CLS] [SEP] [MASK], ids 0 to 4.
inline Tokenizer small_tokenizer(std::vector<std::string> words,
                                 const BertTokenizerOptions& config = {}) {
  std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  tokens.insert(tokens.end(), words.begin(), words.end());
  return make_bert_tokenizer(Vocabulary(std::move(tokens), "vocab.txt"), config);
}

inline constexpr EncodeOptions kPlain{.add_special_tokens = false};
inline constexpr EncodeOptions kWithOffsets{.add_special_tokens = false, .with_offsets = true};

/// The tokens of a text as words, without special tokens.
inline std::vector<std::string> tokens_of(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> tokens;
  for (const std::int32_t id : tokenizer.encode(text, std::nullopt, kPlain).ids) {
    tokens.emplace_back(tokenizer.token(id));
  }
  return tokens;
}

inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace polytag::test
