#include "text/slow_tokenizer.hpp"

#include <string>

#include "files/json.hpp"
#include "files/json_fields.hpp"
#include "polytag/error.hpp"
#include "text/merge_reader.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 28;

Vocabulary read_vocabulary_json(const std::string& path) {
  const JsonDocument document = parse_json(read_text_file(path, kMostBytes), path);
  return {read_ids(ConfigReader(document, path)), path};
}

/// Lines "a b", best first, behind a line "#version: …" and with a line feed at the end of each.
/// Without one of the two, versions of transformers disagree in which merges there are.
std::vector<BpeMerge> read_merges(const std::string& path, const Vocabulary& vocabulary) {
  const std::string bytes = read_text_file(path, kMostBytes);
  MergeReader merges(vocabulary, "");
  std::vector<BpeMerge> read;
  std::size_t number = 0;
  const auto refuse = [&](std::string_view expected, std::string_view found) {
    return FormatError::mismatch(path, "line " + std::to_string(number), expected, found);
  };
  for (std::size_t at = 0; at < bytes.size();) {
    ++number;
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string::npos) throw refuse("a line feed at its end", "none");
    std::string_view line(bytes.data() + at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("#version")) continue;
    if (number == 1) throw refuse("\"#version: 0.2\"", "\"" + std::string(line) + "\"");
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || line.find(' ', blank + 1) != std::string_view::npos) {
      throw refuse("two tokens and a blank between them", "\"" + std::string(line) + "\"");
    }
    const auto merge = merges.find(line.substr(0, blank), line.substr(blank + 1));
    if (!merge) {
      throw refuse("tokens of the vocabulary that make one", "\"" + std::string(line) + "\"");
    }
    read.push_back(*merge);
  }
  return read;
}

}  // namespace

std::int32_t find_special(const Vocabulary& vocabulary, std::string_view field,
                          const std::string& token) {
  if (const auto id = vocabulary.find(token)) return *id;
  throw ConfigError::mismatch(vocabulary.source(), field, "\"" + token + "\" in the vocabulary",
                              "no such token; name another in tokenizer_config.json");
}

SlowTokenizer make_slow_roberta(const SlowFiles& files) {
  const Vocabulary vocabulary = read_vocabulary_json((files.directory / "vocab.json").string());
  const std::string cls = files.name_or("cls_token", "<s>");
  const std::string sep = files.name_or("sep_token", "</s>");
  const std::string pad = files.name_or("pad_token", "<pad>");
  const bool prefix = files.settings.add_prefix_space.value_or(false);
  TokenizerSpec spec{
      .pre_tokenizer = {ByteLevelWords{.add_prefix_space = prefix}},
      .subwords =
          BpeOptions{.merges = read_merges((files.directory / "merges.txt").string(), vocabulary)},
      .sequence_template = roberta_sequence_template(find_special(vocabulary, "cls_token", cls),
                                                     find_special(vocabulary, "sep_token", sep)),
      .pad_token = pad};
  if (files.settings.trim_offsets.value_or(true)) spec.offset_trimming = OffsetTrimming{prefix};
  for (const std::string& token :
       {files.name_or("bos_token", "<s>"), pad, files.name_or("eos_token", "</s>"),
        files.name_or("unk_token", "<unk>"), sep, cls}) {
    spec.added_tokens.push_back({.content = token, .normalized = true});
  }
  spec.added_tokens.push_back({.content = files.name_or("mask_token", "<mask>"), .lstrip = true});
  return {vocabulary, spec};
}

SlowTokenizer make_slow_mpnet(const SlowFiles& files) {
  const Vocabulary vocabulary = read_vocabulary((files.directory / "vocab.txt").string());
  const TokenizerSettings& settings = files.settings;
  const std::string unk = files.name_or("unk_token", "[UNK]");
  const std::string pad = files.name_or("pad_token", "<pad>");
  const std::string cls = files.name_or("cls_token", "<s>");
  const std::string sep = files.name_or("sep_token", "</s>");
  const bool lower_case = settings.do_lower_case.value_or(true);
  SequenceTemplate sequence_template = roberta_sequence_template(
      find_special(vocabulary, "cls_token", cls), find_special(vocabulary, "sep_token", sep));
  sequence_template.pair.pair_type = 1;
  sequence_template.pair.after.front().type_id = 1;
  TokenizerSpec spec{.normalizer = {BertNormalizerOptions{
                         .tokenize_chinese_chars = settings.tokenize_chinese_chars.value_or(true),
                         .lower_case = lower_case,
                         .strip_accents = settings.strip_accents.value_or(lower_case)}},
                     .pre_tokenizer = {BertPreTokenizer()},
                     .subwords = WordPieceOptions{.unk_token = unk},
                     .sequence_template = sequence_template,
                     .pad_token = pad};
  for (const std::string& token : {cls, pad, sep, unk}) {
    spec.added_tokens.push_back({.content = token});
  }
  spec.added_tokens.push_back({.content = files.name_or("mask_token", "<mask>"), .lstrip = true});
  return {vocabulary, spec};
}

SlowTokenizer make_slow_tokenizer(const SlowFiles& files) {
  switch (files.settings.tokenizer_class) {
    case TokenizerClass::kRoberta:
      return make_slow_roberta(files);
    case TokenizerClass::kMpnet:
      return make_slow_mpnet(files);
    default:
      return make_slow_sentencepiece(files);
  }
}

}  // namespace polytag::text
