#include <filesystem>
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
#include "text/added_tokens.hpp"
#include "text/tokenizer_directory.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag {
namespace {

using text::TokenizerClass;
using text::TokenizerDirectory;
using text::TokenizerSettings;

constexpr std::size_t kMostJsonBytes = std::size_t{1} << 28;

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
/// BERT's normalizer, if it is all that tokenizer.json has, with what tokenizer_config.json says of
/// it: that goes before tokenizer.json in all versions of transformers.
void override_bert_normalizer(const TokenizerDirectory& directory, TokenizerSpec& spec) {
  if (spec.normalizer.size() != 1) return;
  auto* const bert = std::get_if<BertNormalizerOptions>(&spec.normalizer.front());
  if (bert == nullptr) return;
  const TokenizerSettings& settings = directory.settings;
  const auto of_json = directory.json->object("normalizer").boolean("strip_accents");
  const auto accents = settings.has_strip_accents ? settings.strip_accents : of_json;
  bert->lower_case = settings.do_lower_case.value_or(bert->lower_case);
  bert->strip_accents = accents.value_or(bert->lower_case);
  bert->tokenize_chinese_chars =
      settings.tokenize_chinese_chars.value_or(bert->tokenize_chinese_chars);
  bert->basic_tokenizer = settings.basic_tokenizer;
}

/// The specification that BERT's class makes of a vocabulary and its settings.
TokenizerSpec make_bert_spec(const TokenizerDirectory& directory, std::vector<AddedToken> tokens) {
  const TokenizerSettings& settings = directory.settings;
  BertTokenizerOptions options = text::named_tokens(directory);
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
TokenizerSpec make_json_spec(const TokenizerDirectory& directory, std::vector<AddedToken> tokens) {
  const Vocabulary all = text::with_added_tokens(directory.vocabulary, tokens);
  const auto find = [&all](std::string_view token) { return all.find(token); };
  TokenizerSpec spec;
  spec.normalizer = text::read_normalizer(*directory.json);
  spec.pre_tokenizer = text::read_pre_tokenizer(*directory.json);
  spec.subwords = text::read_wordpiece(*directory.json);
  spec.sequence_template = text::read_sequence_template(*directory.json, find);
  const BertTokenizerOptions names = text::named_tokens(directory);
  if (directory.records.find_named("pad_token") != nullptr || all.find(names.pad_token)) {
    spec.pad_token = names.pad_token;
  }
  spec.added_tokens = std::move(tokens);
  return spec;
}

/// Without a class name tokenizer.json counts, and what tokenizer_config.json says of BERT's
/// normalizer goes before it.
TokenizerSpec make_unnamed_spec(const TokenizerDirectory& directory,
                                std::vector<AddedToken> tokens) {
  const TokenizerSettings& settings = directory.settings;
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
  const BertTokenizerOptions names = text::named_tokens(directory);
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
void expect_same(const TokenizerDirectory& directory, const TokenizerSpec& bert,
                 TokenizerSpec json) {
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

TokenizerSpec make_spec(const TokenizerDirectory& directory) {
  if (directory.json == nullptr)
    return make_bert_spec(directory, text::tokens_of_bert_class(directory));
  switch (directory.settings.tokenizer_class) {
    case TokenizerClass::kBackend:
      return make_json_spec(directory, text::tokens_behind_json(directory));
    case TokenizerClass::kUnnamed:
      return make_unnamed_spec(directory, text::tokens_behind_json(directory));
    case TokenizerClass::kBert:
      break;
  }
  const std::vector<AddedToken> tokens = text::tokens_of_bert_class(directory);
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

  const text::TokenizerSettings settings = text::read_tokenizer_settings(config.reader());
  text::TokenizerDirectory directory{
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
