#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "polytag/text/bert_tokenizer.hpp"
#include "text/added_token_files.hpp"
#include "text/tokenizer_settings.hpp"

namespace polytag::text {

/// All that the files of a directory say.
struct TokenizerDirectory {
  std::string file;  // the one that settings come from, for messages
  TokenizerSettings settings;
  AddedTokenRecords records;
  const ConfigReader* json;                  // tokenizer.json, null if there is none
  Vocabulary vocabulary;                     // the sub-word model's
  std::vector<AddedToken> json_tokens = {};  // of tokenizer.json, with the ids that it states
  bool keeps_tokens = false;  // whether those stay as they are, whatever other files say of them

  std::string name_or(std::string_view field, std::string_view otherwise) const {
    const AddedToken* token = records.find_named(field);
    return token == nullptr ? std::string(otherwise) : token->content;
  }
};

/// The five tokens that BERT's tokenizer has by name, as the files name them.
BertTokenizerOptions named_tokens(const TokenizerDirectory& directory);

/// tokenizer.json's tokens and behind them those of other files, as for a class that takes
/// tokenizer.json as it is. All have their ids.
/// @throws ConfigError if files contradict each other, or state other ids
std::vector<AddedToken> tokens_behind_json(const TokenizerDirectory& directory);

/// All tokens at once in the order of their ids, as BERT's class adds them to a vocabulary.
/// @throws as tokens_behind_json
std::vector<AddedToken> tokens_of_bert_class(const TokenizerDirectory& directory);

}  // namespace polytag::text
