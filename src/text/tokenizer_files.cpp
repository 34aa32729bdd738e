#include <algorithm>
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
#include "text/slow_tokenizer.hpp"
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

/// What tokenizer_config.json says of a pre-tokenizer that is ByteLevel alone goes before
/// tokenizer.json, and for RoBERTa's class before its post-processor, too.
void override_byte_level(const TokenizerDirectory& directory, TokenizerSpec& spec) {
  const TokenizerSettings& settings = directory.settings;
  const bool roberta = settings.tokenizer_class == TokenizerClass::kRoberta;
  if (roberta && settings.trim_offsets) {
    const bool prefix = spec.offset_trimming.value_or(OffsetTrimming()).add_prefix_space;
    spec.offset_trimming.reset();
    if (*settings.trim_offsets) spec.offset_trimming = OffsetTrimming{prefix};
  }
  if (!settings.add_prefix_space || spec.pre_tokenizer.size() != 1) return;
  auto* const words = std::get_if<ByteLevelWords>(&spec.pre_tokenizer.front());
  if (words == nullptr || directory.json->object("pre_tokenizer").string("type") != "ByteLevel") {
    return;
  }
  words->add_prefix_space = *settings.add_prefix_space;
  if (roberta && spec.offset_trimming) {
    spec.offset_trimming->add_prefix_space = *settings.add_prefix_space;
  }
}

/// The token that files name, or one of two usual ones that is there.
std::optional<std::string> find_pad_token(const TokenizerDirectory& directory,
                                          const Vocabulary& vocabulary) {
  if (const AddedToken* const named = directory.records.find_named("pad_token")) {
    return named->content;
  }
  for (const char* usual : {"[PAD]", "<pad>"}) {
    if (vocabulary.find(usual)) return usual;
  }
  return std::nullopt;
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
  spec.subwords = text::read_subwords(*directory.json, directory.vocabulary);
  const text::PostProcessor processor = text::read_post_processor(*directory.json, find);
  spec.sequence_template = processor.sequence_template;
  spec.offset_trimming = processor.offset_trimming;
  spec.pad_token = find_pad_token(directory, all);
  spec.added_tokens = std::move(tokens);
  override_byte_level(directory, spec);
  return spec;
}

/// Without a class name tokenizer.json counts, and what tokenizer_config.json says of BERT's
/// normalizer goes before it.
TokenizerSpec make_unnamed_spec(const TokenizerDirectory& directory,
                                std::vector<AddedToken> tokens) {
  const TokenizerSettings& settings = directory.settings;
  TokenizerSpec spec = make_json_spec(directory, std::move(tokens));
  override_bert_normalizer(directory, spec);
  if (!std::holds_alternative<WordPieceOptions>(spec.subwords)) return spec;
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
  if (auto* const wordpiece = std::get_if<WordPieceOptions>(&json.subwords)) {
    wordpiece->max_input_chars_per_word =
        directory.settings.max_input_chars_per_word.value_or(wordpiece->max_input_chars_per_word);
  }
  check(json.normalizer == bert.normalizer, "normalizer");
  check(json.pre_tokenizer == bert.pre_tokenizer, "pre_tokenizer");
  check(json.subwords == bert.subwords, "model");
  check(json.sequence_template == bert.sequence_template, "post_processor");
}

TokenizerSpec make_spec(const TokenizerDirectory& directory) {
  if (directory.json == nullptr)
    return make_bert_spec(directory, text::tokens_of_bert_class(directory));
  switch (directory.settings.tokenizer_class) {
    case TokenizerClass::kUnnamed:
      return make_unnamed_spec(directory, text::tokens_behind_json(directory));
    case TokenizerClass::kBert:
      break;
    default:
      return make_json_spec(directory, text::tokens_behind_json(directory));
  }
  const std::vector<AddedToken> tokens = text::tokens_of_bert_class(directory);
  TokenizerSpec spec = make_bert_spec(directory, tokens);
  expect_same(directory, spec, make_json_spec(directory, tokens));
  return spec;
}

/// Whether a class is one of those whose rules transformers 5 decides.
bool is_bert_or_general(TokenizerClass tokenizer_class) {
  return tokenizer_class == TokenizerClass::kBert || tokenizer_class == TokenizerClass::kBackend ||
         tokenizer_class == TokenizerClass::kUnnamed;
}

/// Whether a directory without tokenizer.json is for make_slow_tokenizer: all but vocab.txt of
/// BERT's kind. One that names no class and has spiece.model is ALBERT's.
bool is_slow(const std::filesystem::path& directory, TokenizerSettings& settings) {
  switch (settings.tokenizer_class) {
    case TokenizerClass::kBert:
    case TokenizerClass::kBackend:
      return false;
    case TokenizerClass::kUnnamed:
      if (is_there(directory / "vocab.txt") || !is_there(directory / "spiece.model")) return false;
      settings.tokenizer_class = TokenizerClass::kAlbert;
      return true;
    default:
      return true;
  }
}

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& model_directory) {
  const std::filesystem::path vocabulary_path = model_directory / "vocab.txt";
  const JsonFile json(model_directory / "tokenizer.json");
  const JsonFile config(model_directory / "tokenizer_config.json");
  const JsonFile special_tokens_map(model_directory / "special_tokens_map.json");
  const JsonFile added_tokens(model_directory / "added_tokens.json");
  std::optional<JsonFile> model_config;
  const bool has_class =
      config.reader() != nullptr && config.reader()->find("tokenizer_class") != nullptr;
  if (!has_class) model_config.emplace(model_directory / "config.json");

  text::TokenizerSettings settings = text::read_tokenizer_settings(
      config.reader(), model_config ? model_config->reader() : nullptr);
  const text::AddedTokenRecords records = text::read_added_token_records(
      {config.reader(), special_tokens_map.reader(), added_tokens.reader()});
  std::optional<text::SlowTokenizer> slow;
  if (json.reader() == nullptr && is_slow(model_directory, settings)) {
    slow.emplace(text::make_slow_tokenizer({model_directory, settings, records}));
  } else if (json.reader() == nullptr && !is_there(vocabulary_path)) {
    throw IoError::missing(vocabulary_path.string(),
                           "the tokenizer; neither is there a tokenizer.json");
  }
  const auto read_tokens = [&]() -> Vocabulary {
    if (slow) return std::move(slow->vocabulary);
    if (json.reader() == nullptr) {
      return read_vocabulary(vocabulary_path.string(), settings.basic_tokenizer);
    }
    return {text::read_model_vocabulary(*json.reader()), json.reader()->file()};
  };
  text::TokenizerDirectory directory{.file = (model_directory / "tokenizer_config.json").string(),
                                     .settings = settings,
                                     .records = records,
                                     .json = json.reader(),
                                     .vocabulary = read_tokens(),
                                     .keeps_tokens = !is_bert_or_general(settings.tokenizer_class)};
  if (config.reader() == nullptr) directory.file = directory.vocabulary.source();
  std::optional<TruncationSide> side = settings.truncation_side;
  if (json.reader() != nullptr) {
    directory.json_tokens = text::read_added_tokens(*json.reader());
    if (!side) side = text::read_truncation_direction(*json.reader());
  }
  TokenizerSpec spec;
  if (slow) {
    directory.json_tokens = slow->spec.added_tokens;
    spec = std::move(slow->spec);
    spec.added_tokens = text::tokens_behind_json(directory);
  } else {
    spec = make_spec(directory);
  }
  spec.model_max_length = settings.model_max_length;
  spec.truncation_side = side.value_or(TruncationSide::kRight);
  return {std::move(directory.vocabulary), std::move(spec)};
}

}  // namespace polytag
