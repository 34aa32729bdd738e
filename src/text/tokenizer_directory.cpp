#include "text/tokenizer_directory.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "polytag/error.hpp"
#include "text/added_tokens.hpp"

namespace polytag::text {
namespace {

/// Tokens by their contents, of equal ones the first.
class ByContent {
 public:
  explicit ByContent(const std::vector<AddedToken>& tokens) {
    for (const AddedToken& token : tokens) add(token);
  }
  bool add(const AddedToken& token) { return tokens_.emplace(token.content, token).second; }
  const AddedToken* find(std::string_view content) const {
    const auto place = tokens_.find(content);
    return place == tokens_.end() ? nullptr : &place->second;
  }

 private:
  std::map<std::string, AddedToken, std::less<>> tokens_;
};

/// Gives tokens their ids, and checks those that files state.
std::vector<AddedToken> with_ids(const Vocabulary& vocabulary,
                                 const std::vector<AddedToken>& earlier,
                                 const std::vector<AddedToken>& tokens, const std::string& file) {
  std::vector<AddedToken> assigned = tokens;
  for (AddedToken& token : assigned) token.id.reset();
  assign_ids(vocabulary, earlier, assigned);
  for (std::size_t index = 0; index < tokens.size(); ++index) {
    const std::string& content = tokens[index].content;
    if (content.empty()) throw ConfigError::mismatch(file, "added token", "a content", "\"\"");
    if (!tokens[index].id || *tokens[index].id == *assigned[index].id) continue;
    throw ConfigError::mismatch(
        file, "id of added token \"" + content + "\"",
        std::to_string(*assigned[index].id) + ", which it gets when it is added to the vocabulary",
        std::to_string(*tokens[index].id));
  }
  return assigned;
}

/// Special tokens that no file lists with an id, in the order in which they are added.
std::vector<AddedToken> unlisted_tokens(const TokenizerDirectory& directory,
                                        const std::vector<AddedToken>& listed) {
  ByContent known(listed);
  std::vector<AddedToken> tokens;
  for (const auto& [name, token] : directory.records.named) {
    // A mask that the vocabulary lacks is of no use to a classifier, and has no row in its weights.
    if (name == "mask_token" && !directory.vocabulary.find(token.content)) continue;
    if (known.add(token)) tokens.push_back(token);
  }
  std::size_t new_tokens = 0;
  for (const AddedToken& token : directory.records.own) {
    if (!known.add(token)) continue;
    tokens.push_back(token);
    new_tokens += directory.vocabulary.find(token.content) ? 0 : 1;
  }
  if (new_tokens > 1) {  // they are added in the order of the file, which a JSON object has not
    throw ConfigError::mismatch(directory.file, "special tokens of the model's own",
                                "their ids in added_tokens_decoder",
                                std::to_string(new_tokens) + " new tokens without ids");
  }
  for (const AddedToken& token : directory.records.extra) {
    if (known.add(token)) tokens.push_back(token);
  }
  return tokens;
}

void check_same_normalization(const TokenizerDirectory& directory, const AddedToken& token,
                              const AddedToken* other) {
  if (other == nullptr || other->normalized == token.normalized) return;
  throw ConfigError::mismatch(directory.file, "normalized of added token \"" + token.content + "\"",
                              "the same as in tokenizer.json", token.normalized ? "true" : "false");
}

}  // namespace

BertTokenizerOptions named_tokens(const TokenizerDirectory& directory) {
  BertTokenizerOptions options;
  options.unk_token = directory.name_or("unk_token", options.unk_token);
  options.sep_token = directory.name_or("sep_token", options.sep_token);
  options.pad_token = directory.name_or("pad_token", options.pad_token);
  options.cls_token = directory.name_or("cls_token", options.cls_token);
  options.mask_token = directory.name_or("mask_token", options.mask_token);
  return options;
}

std::vector<AddedToken> tokens_behind_json(const TokenizerDirectory& directory) {
  std::vector<AddedToken> tokens =
      with_ids(directory.vocabulary, {}, directory.json_tokens, directory.file);
  const ByContent of_json(tokens);
  std::vector<AddedToken> listed = tokens;
  std::vector<AddedToken> later;
  for (const AddedToken& token : directory.records.listed) {
    const AddedToken* const known = of_json.find(token.content);
    if (known != nullptr && directory.keeps_tokens) continue;
    check_same_normalization(directory, token, known);
    listed.push_back(token);
    later.push_back(token);
  }
  for (AddedToken& token : unlisted_tokens(directory, listed)) later.push_back(std::move(token));
  later = with_ids(directory.vocabulary, tokens, later, directory.file);
  tokens.insert(tokens.end(), later.begin(), later.end());
  return tokens;
}

std::vector<AddedToken> tokens_of_bert_class(const TokenizerDirectory& directory) {
  const BertTokenizerOptions names = named_tokens(directory);
  std::vector<AddedToken> listed = directory.records.listed;
  const ByContent of_files(listed);
  const ByContent special(unlisted_tokens(directory, {}));
  for (const AddedToken& token : directory.json_tokens) {
    const AddedToken* const known = of_files.find(token.content);
    check_same_normalization(directory, token, known);
    if (known != nullptr) continue;
    const std::string& content = token.content;
    const bool is_named = content == names.unk_token || content == names.sep_token ||
                          content == names.pad_token || content == names.cls_token ||
                          content == names.mask_token || special.find(content) != nullptr;
    if (directory.records.has_decoder && !is_named) {
      throw ConfigError::mismatch(directory.file, "added_tokens_decoder",
                                  "\"" + content + "\", which tokenizer.json adds",
                                  "no such token");
    }
    listed.push_back(token);
  }
  std::ranges::stable_sort(listed, {}, [](const AddedToken& token) { return *token.id; });
  for (AddedToken& token : unlisted_tokens(directory, listed)) listed.push_back(std::move(token));
  return with_ids(directory.vocabulary, {}, listed, directory.file);
}

}  // namespace polytag::text
