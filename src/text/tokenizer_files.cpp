#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "files/json_fields.hpp"
#include "polytag/error.hpp"
#include "polytag/text/bert_tokenizer.hpp"
#include "polytag/text/tokenizer.hpp"
#include "text/added_token_files.hpp"
#include "text/added_tokens.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag {
namespace {

constexpr std::size_t kMostJsonBytes = std::size_t{1} << 28;
constexpr std::size_t kTensorFlowMaxInputCharsPerWord = 200;

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// One JSON file of a directory, if it is there.
class JsonFile {
 public:
  explicit JsonFile(const std::filesystem::path& path) {
    if (!is_there(path)) return;
    document_ = parse_json(read_text_file(path.string(), kMostJsonBytes), path.string());
    reader_.emplace(*document_, path.string());
  }
  JsonFile(const JsonFile&) = delete;
  JsonFile& operator=(const JsonFile&) = delete;

  const ConfigReader* reader() const { return reader_ ? &*reader_ : nullptr; }

 private:
  JsonDocument document_;
  std::optional<ConfigReader> reader_;
};

/// Who makes the tokenizer of a directory, as "tokenizer_class" says.
enum class TokenizerClass {
  kUnnamed,
  kBert,     ///< a class that builds BERT's parts itself
  kBackend,  ///< a class that takes tokenizer.json as it is
};

TokenizerClass read_class(const ConfigReader* config) {
  constexpr std::array kBert{"BertTokenizer",     "DistilBertTokenizer", "ElectraTokenizer",
                             "ConvBertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
                             "LayoutLMTokenizer", "RetriBertTokenizer"};
  constexpr std::array kBackend{"PreTrainedTokenizer", "TokenizersBackend"};
  const auto name = config == nullptr ? std::nullopt : config->string("tokenizer_class");
  if (!name) return TokenizerClass::kUnnamed;
  std::string_view base = *name;
  if (base.ends_with("Fast")) base.remove_suffix(4);
  if (std::ranges::find(kBert, base) != kBert.end()) return TokenizerClass::kBert;
  if (std::ranges::find(kBackend, base) != kBackend.end()) return TokenizerClass::kBackend;
  throw config->mismatch("tokenizer_class",
                         "a WordPiece tokenizer such as \"BertTokenizer\", or "
                         "\"PreTrainedTokenizerFast\"",
                         *name);
}

BasicTokenizer read_basic_tokenizer(const ConfigReader& config) {
  const std::string name = config.string("basic_tokenizer").value_or("hugging_face");
  if (name == "hugging_face") return BasicTokenizer::kHuggingFace;
  if (name == "tensorflow") return BasicTokenizer::kTensorFlow;
  throw config.mismatch("basic_tokenizer", "\"hugging_face\" or \"tensorflow\"", name);
}

/// Hugging Face writes "no limit" as the float 1e30, and before version 3 called the field max_len.
std::size_t read_model_max_length(const ConfigReader& config) {
  const std::string_view key =
      config.find("model_max_length") != nullptr ? "model_max_length" : "max_len";
  constexpr double kHuge = 1e15;
  const Json* const value = config.find(key);
  if (value == nullptr || (value->is_number() && value->get<double>() >= kHuge)) {
    return kUnlimitedTokens;
  }
  return *config.size(key);
}

std::optional<TruncationSide> read_truncation_side(const ConfigReader& config) {
  const auto side = config.string("truncation_side");
  if (!side) return std::nullopt;
  if (*side == "right") return TruncationSide::kRight;
  if (*side == "left") return TruncationSide::kLeft;
  throw config.mismatch("truncation_side", "\"right\" or \"left\"", *side);
}

/// What tokenizer_config.json says of all kinds of tokenizers, and of BERT's.
struct Settings {
  TokenizerClass tokenizer_class = TokenizerClass::kUnnamed;
  BasicTokenizer basic_tokenizer = BasicTokenizer::kHuggingFace;
  std::size_t model_max_length = kUnlimitedTokens;
  std::optional<TruncationSide> truncation_side;
  std::optional<bool> do_lower_case;
  std::optional<bool> strip_accents;
  bool has_strip_accents = false;  // it may be null, which means as do_lower_case
  std::optional<bool> tokenize_chinese_chars;
  std::optional<std::size_t> max_input_chars_per_word;
};

Settings read_settings(const ConfigReader* config) {
  Settings settings;
  settings.tokenizer_class = read_class(config);
  if (config == nullptr) return settings;
  settings.basic_tokenizer = read_basic_tokenizer(*config);
  settings.model_max_length = read_model_max_length(*config);
  settings.truncation_side = read_truncation_side(*config);
  settings.do_lower_case = config->boolean("do_lower_case");
  settings.strip_accents = config->boolean("strip_accents");
  settings.has_strip_accents = config->json().contains("strip_accents");
  settings.tokenize_chinese_chars = config->boolean("tokenize_chinese_chars");
  settings.max_input_chars_per_word = config->size("max_input_chars_per_word");
  if (!settings.max_input_chars_per_word &&
      settings.basic_tokenizer == BasicTokenizer::kTensorFlow) {
    settings.max_input_chars_per_word = kTensorFlowMaxInputCharsPerWord;
  }
  if (config->boolean("split_special_tokens").value_or(false)) {
    throw config->mismatch("split_special_tokens", "false, the other is not supported", true);
  }
  return settings;
}

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

/// All that the files of a directory say.
struct Directory {
  std::string file;  // the one that settings come from, for messages
  Settings settings;
  text::AddedTokenRecords records;
  const ConfigReader* json;                  // tokenizer.json, null if there is none
  Vocabulary vocabulary;                     // the sub-word model's
  std::vector<AddedToken> json_tokens = {};  // of tokenizer.json, with the ids that it states

  std::string name_or(std::string_view field, std::string_view otherwise) const {
    const AddedToken* token = records.find_named(field);
    return token == nullptr ? std::string(otherwise) : token->content;
  }
};

BertTokenizerOptions named_tokens(const Directory& directory) {
  BertTokenizerOptions options;
  options.unk_token = directory.name_or("unk_token", options.unk_token);
  options.sep_token = directory.name_or("sep_token", options.sep_token);
  options.pad_token = directory.name_or("pad_token", options.pad_token);
  options.cls_token = directory.name_or("cls_token", options.cls_token);
  options.mask_token = directory.name_or("mask_token", options.mask_token);
  return options;
}

/// Gives tokens their ids, and checks those that files state.
std::vector<AddedToken> with_ids(const Vocabulary& vocabulary,
                                 const std::vector<AddedToken>& earlier,
                                 const std::vector<AddedToken>& tokens, const std::string& file) {
  std::vector<AddedToken> assigned = tokens;
  for (AddedToken& token : assigned) token.id.reset();
  text::assign_ids(vocabulary, earlier, assigned);
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
std::vector<AddedToken> unlisted_tokens(const Directory& directory,
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

void check_same_normalization(const Directory& directory, const AddedToken& token,
                              const AddedToken* other) {
  if (other == nullptr || other->normalized == token.normalized) return;
  throw ConfigError::mismatch(directory.file, "normalized of added token \"" + token.content + "\"",
                              "the same as in tokenizer.json", token.normalized ? "true" : "false");
}

/// tokenizer.json's tokens and behind them those of other files, as for a class that takes
/// tokenizer.json as it is.
std::vector<AddedToken> tokens_behind_json(const Directory& directory) {
  std::vector<AddedToken> tokens =
      with_ids(directory.vocabulary, {}, directory.json_tokens, directory.file);
  const ByContent of_json(tokens);
  std::vector<AddedToken> listed = tokens;
  for (const AddedToken& token : directory.records.listed) {
    check_same_normalization(directory, token, of_json.find(token.content));
    listed.push_back(token);
  }
  std::vector<AddedToken> later = directory.records.listed;
  for (AddedToken& token : unlisted_tokens(directory, listed)) later.push_back(std::move(token));
  later = with_ids(directory.vocabulary, tokens, later, directory.file);
  tokens.insert(tokens.end(), later.begin(), later.end());
  return tokens;
}

/// All tokens at once in the order of their ids, as BERT's class adds them to a vocabulary.
std::vector<AddedToken> tokens_of_bert_class(const Directory& directory) {
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

/// BERT's normalizer, if it is all that tokenizer.json has, with what tokenizer_config.json says of
/// it: that goes before tokenizer.json in all versions of transformers.
void override_bert_normalizer(const Directory& directory, TokenizerSpec& spec) {
  if (spec.normalizer.size() != 1) return;
  auto* const bert = std::get_if<BertNormalizerOptions>(&spec.normalizer.front());
  if (bert == nullptr) return;
  const Settings& settings = directory.settings;
  const auto of_json = directory.json->object("normalizer").boolean("strip_accents");
  const auto accents = settings.has_strip_accents ? settings.strip_accents : of_json;
  bert->lower_case = settings.do_lower_case.value_or(bert->lower_case);
  bert->strip_accents = accents.value_or(bert->lower_case);
  bert->tokenize_chinese_chars =
      settings.tokenize_chinese_chars.value_or(bert->tokenize_chinese_chars);
  bert->basic_tokenizer = settings.basic_tokenizer;
}

/// The specification that BERT's class makes of a vocabulary and its settings.
TokenizerSpec make_bert_spec(const Directory& directory, std::vector<AddedToken> tokens) {
  const Settings& settings = directory.settings;
  BertTokenizerOptions options = named_tokens(directory);
  options.do_lower_case = settings.do_lower_case.value_or(options.do_lower_case);
  options.strip_accents = settings.strip_accents;
  options.tokenize_chinese_chars =
      settings.tokenize_chinese_chars.value_or(options.tokenize_chinese_chars);
  options.max_input_chars_per_word =
      settings.max_input_chars_per_word.value_or(options.max_input_chars_per_word);
  options.basic_tokenizer = settings.basic_tokenizer;
  const Vocabulary all = text::with_added_tokens(directory.vocabulary, tokens);
  options.added_tokens = std::move(tokens);
  return bert_tokenizer_spec(all, options);
}

/// The specification that tokenizer.json spells out.
TokenizerSpec make_json_spec(const Directory& directory, std::vector<AddedToken> tokens) {
  const Vocabulary all = text::with_added_tokens(directory.vocabulary, tokens);
  const auto find = [&all](std::string_view token) { return all.find(token); };
  TokenizerSpec spec;
  spec.normalizer = text::read_normalizer(*directory.json);
  spec.pre_tokenizer = text::read_pre_tokenizer(*directory.json);
  spec.subwords = text::read_wordpiece(*directory.json);
  spec.sequence_template = text::read_sequence_template(*directory.json, find);
  const BertTokenizerOptions names = named_tokens(directory);
  if (directory.records.find_named("pad_token") != nullptr || all.find(names.pad_token)) {
    spec.pad_token = names.pad_token;
  }
  spec.added_tokens = std::move(tokens);
  return spec;
}

/// Without a class name tokenizer.json counts, and what tokenizer_config.json says of BERT's
/// normalizer goes before it.
TokenizerSpec make_unnamed_spec(const Directory& directory, std::vector<AddedToken> tokens) {
  const Settings& settings = directory.settings;
  TokenizerSpec spec = make_json_spec(directory, std::move(tokens));
  override_bert_normalizer(directory, spec);
  auto& wordpiece = std::get<WordPieceOptions>(spec.subwords);
  wordpiece.max_input_chars_per_word =
      settings.max_input_chars_per_word.value_or(wordpiece.max_input_chars_per_word);
  const std::string unk = directory.name_or("unk_token", wordpiece.unk_token);
  if (unk != wordpiece.unk_token) {
    throw ConfigError::mismatch(directory.file, "unk_token",
                                "\"" + wordpiece.unk_token + "\", as in tokenizer.json",
                                "\"" + unk + "\"");
  }
  if (settings.basic_tokenizer == BasicTokenizer::kTensorFlow) {
    spec.added_tokens.clear();
    return spec;
  }
  const BertTokenizerOptions names = named_tokens(directory);
  std::vector<AddedToken> known;
  for (const std::string* name : {&std::as_const(wordpiece).unk_token, &names.sep_token,
                                  &names.pad_token, &names.cls_token, &names.mask_token}) {
    if (directory.vocabulary.find(*name)) known.push_back({.content = *name});
  }
  spec.added_tokens.insert(spec.added_tokens.begin(), known.begin(), known.end());
  return spec;
}

/// transformers 5 builds BERT's parts anew where BERT's class is named, and transformers 4 takes
/// tokenizer.json's. Where that makes a difference, the directory has no one meaning.
void expect_same(const Directory& directory, const TokenizerSpec& bert, TokenizerSpec json) {
  const auto check = [&](bool same, std::string_view part) {
    if (same) return;
    throw ConfigError::mismatch(
        directory.json->file(), part, "what BERT's tokenizer_class in tokenizer_config.json makes",
        "another; versions of transformers differ in which of the two they take. Name "
        "\"PreTrainedTokenizerFast\" to follow tokenizer.json");
  };
  override_bert_normalizer(directory, json);
  auto& wordpiece = std::get<WordPieceOptions>(json.subwords);
  wordpiece.max_input_chars_per_word =
      directory.settings.max_input_chars_per_word.value_or(wordpiece.max_input_chars_per_word);
  check(json.normalizer == bert.normalizer, "normalizer");
  check(json.pre_tokenizer == bert.pre_tokenizer, "pre_tokenizer");
  check(json.subwords == bert.subwords, "model");
  check(json.sequence_template == bert.sequence_template, "post_processor");
}

TokenizerSpec make_spec(const Directory& directory) {
  if (directory.json == nullptr) return make_bert_spec(directory, tokens_of_bert_class(directory));
  switch (directory.settings.tokenizer_class) {
    case TokenizerClass::kBackend:
      return make_json_spec(directory, tokens_behind_json(directory));
    case TokenizerClass::kUnnamed:
      return make_unnamed_spec(directory, tokens_behind_json(directory));
    case TokenizerClass::kBert:
      break;
  }
  const std::vector<AddedToken> tokens = tokens_of_bert_class(directory);
  TokenizerSpec spec = make_bert_spec(directory, tokens);
  expect_same(directory, spec, make_json_spec(directory, tokens));
  return spec;
}

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& model_directory) {
  const std::filesystem::path vocabulary_path = model_directory / "vocab.txt";
  const JsonFile json(model_directory / "tokenizer.json");
  const JsonFile config(model_directory / "tokenizer_config.json");
  const JsonFile special_tokens_map(model_directory / "special_tokens_map.json");
  const JsonFile added_tokens(model_directory / "added_tokens.json");
  if (json.reader() == nullptr && !is_there(vocabulary_path)) {
    throw IoError::missing(vocabulary_path.string(),
                           "the tokenizer; neither is there a tokenizer.json");
  }

  const Settings settings = read_settings(config.reader());
  Directory directory{
      .file = (model_directory / "tokenizer_config.json").string(),
      .settings = settings,
      .records = text::read_added_token_records(
          {config.reader(), special_tokens_map.reader(), added_tokens.reader()}),
      .json = json.reader(),
      .vocabulary =
          json.reader() == nullptr
              ? read_vocabulary(vocabulary_path.string(), settings.basic_tokenizer)
              : Vocabulary(text::read_model_vocabulary(*json.reader()), json.reader()->file())};
  if (config.reader() == nullptr) directory.file = directory.vocabulary.source();
  std::optional<TruncationSide> side = settings.truncation_side;
  if (json.reader() != nullptr) {
    directory.json_tokens = text::read_added_tokens(*json.reader());
    if (!side) side = text::read_truncation_direction(*json.reader());
  }
  TokenizerSpec spec = make_spec(directory);
  spec.model_max_length = settings.model_max_length;
  spec.truncation_side = side.value_or(TruncationSide::kRight);
  return {std::move(directory.vocabulary), std::move(spec)};
}

}  // namespace polytag
