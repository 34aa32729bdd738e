#pragma once

#include <array>
#include <filesystem>

#include "polytag/text/vocabulary.hpp"
#include "text/added_token_files.hpp"
#include "text/tokenizer_settings.hpp"

namespace polytag::text {

/// What a class makes of the files that are named after it, where there is no tokenizer.json.
struct SlowTokenizer {
  Vocabulary vocabulary;
  TokenizerSpec spec;  ///< with the added tokens of the class
};

/// The names under which models of SentencePiece lie in directories.
inline constexpr std::array kSentencePieceNames{"sentencepiece.bpe.model", "spm.model",
                                                "spiece.model", "tokenizer.model"};

/// What the class of a directory knows.
struct SlowFiles {
  const std::filesystem::path& directory;
  const TokenizerSettings& settings;
  const AddedTokenRecords& records;

  /// The token that tokenizer_config.json or special_tokens_map.json names, else the class's.
  std::string name_or(std::string_view field, std::string_view otherwise) const {
    const AddedToken* const token = records.find_named(field);
    return token == nullptr ? std::string(otherwise) : token->content;
  }
};

/// The tokenizer that transformers 4 makes of vocab.json and merges.txt (RoBERTa), vocab.txt
/// (MPNet) or a SentencePiece model (the others).
/// @throws IoError, FormatError, ConfigError naming the file
SlowTokenizer make_slow_tokenizer(const SlowFiles& files);

/// The parts of it, each from its own kind of files.
SlowTokenizer make_slow_roberta(const SlowFiles& files);
SlowTokenizer make_slow_mpnet(const SlowFiles& files);
SlowTokenizer make_slow_sentencepiece(const SlowFiles& files);

/// The id of a special token. @throws ConfigError if the vocabulary lacks it
std::int32_t find_special(const Vocabulary& vocabulary, std::string_view field,
                          const std::string& token);

}  // namespace polytag::text
