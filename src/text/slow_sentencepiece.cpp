// Tokenizers of SentencePiece models, as transformers 4 converts them.

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "core/utf8.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"
#include "text/characters.hpp"
#include "text/sentencepiece_model.hpp"
#include "text/slow_tokenizer.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 28;

using Class = TokenizerClass;
using PieceType = SentencePieceModel::PieceType;
using Special = SequenceTemplate::Special;

struct ModelFile {
  SentencePieceModel model;
  std::string path;
};

/// A model under any of its usual names.
ModelFile read_model(const std::filesystem::path& directory, SentencePieceModel::Kind kind) {
  std::string names;
  for (const char* name : kSentencePieceNames) {
    const std::string path = (directory / name).string();
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      names += std::string(names.empty() ? "" : ", ") + name;
      continue;
    }
    ModelFile file{parse_sentencepiece(read_text_file(path, kMostBytes), path), path};
    if (file.model.kind != kind || file.model.whitespace_as_suffix) {
      throw FormatError::mismatch(
          path, "trainer_spec",
          std::string("model_type ") + std::to_string(static_cast<int>(kind)) +
              " without treat_whitespace_as_suffix",
          file.model.whitespace_as_suffix
              ? "treat_whitespace_as_suffix"
              : "model_type " + std::to_string(static_cast<int>(file.model.kind)));
    }
    return file;
  }
  throw IoError::missing((directory / kSentencePieceNames.front()).string(),
                         "the tokenizer; nor is there another of " + names);
}

/// A vocabulary with its scores on the way.
struct ScoredPieces {
  std::vector<std::string> tokens;
  std::vector<double> scores;

  void add(std::string token, double score) {
    tokens.push_back(std::move(token));
    scores.push_back(score);
  }
  void add_pieces(const SentencePieceModel& model, std::size_t first) {
    for (std::size_t id = first; id < model.pieces.size(); ++id) {
      add(model.pieces[id].text, double{model.pieces[id].score});
    }
  }
};

/// Whether a piece is a comma behind a digit, which ALBERT does not want.
bool is_comma_behind_digit(std::string_view piece) {
  const Characters characters = characters_of(piece);
  return characters.size() >= 2 && characters.back().code_point == ',' &&
         is_digit(characters[characters.size() - 2].code_point);
}

ScoredPieces pieces_of(const SentencePieceModel& model, Class tokenizer_class) {
  ScoredPieces pieces;
  switch (tokenizer_class) {
    case Class::kXlmRoberta:
      for (const char* token : {"<s>", "<pad>", "</s>", "<unk>"}) pieces.add(token, 0);
      pieces.add_pieces(model, 3);
      pieces.add("<mask>", 0);
      return pieces;
    case Class::kCamembert:
      for (const char* token : {"<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>"}) {
        pieces.add(token, 0);
      }
      pieces.add("<unk>NOTUSED", -100);
      pieces.add_pieces(model, 1);
      pieces.add("<mask>", 0);
      return pieces;
    default:
      break;
  }
  pieces.add_pieces(model, 0);
  if (tokenizer_class == Class::kDebertaV2) return pieces;
  for (std::size_t id = 0; id < pieces.tokens.size(); ++id) {
    if (is_comma_behind_digit(pieces.tokens[id])) pieces.scores[id] -= 100;
  }
  return pieces;
}

std::vector<NormalizerStep> normalizer_of(const SentencePieceModel& model,
                                          const TokenizerSettings& settings) {
  std::vector<NormalizerStep> steps;
  const auto add_charsmap = [&] {
    if (!model.charsmap.empty()) steps.push_back(PrecompiledCharsmap{model.charsmap});
  };
  const Class tokenizer_class = settings.tokenizer_class;
  if (tokenizer_class == Class::kXlmRoberta || tokenizer_class == Class::kCamembert) {
    add_charsmap();
    steps.push_back(StripWhiteSpace{.left = false, .right = true});
    steps.push_back(ReplaceText{KnownPattern::kBlankRun, "\xE2\x96\x81"});
    return steps;
  }
  const bool deberta = tokenizer_class == Class::kDebertaV2;
  if (!deberta) {
    steps.push_back(ReplaceText{"``", "\""});
    steps.push_back(ReplaceText{"''", "\""});
    if (!settings.keep_accents.value_or(false)) {
      steps.push_back(UnicodeForm::kNfkd);
      steps.push_back(StripAccents());
    }
  }
  if (settings.do_lower_case.value_or(tokenizer_class == Class::kAlbert)) {
    steps.push_back(Lowercase());
  }
  if (deberta) steps.push_back(StripWhiteSpace());
  add_charsmap();
  steps.push_back(ReplaceText{KnownPattern::kBlankRun, " "});
  return steps;
}

/// The special tokens of a class: their fields, their names, and how they are looked for.
struct ClassTokens {
  std::string_view cls;
  std::string_view sep;
  std::string_view unk;
  std::string_view pad;
  std::string_view mask;
  std::array<std::string_view, 2> ends;  // bos_token and eos_token
  bool unk_normalized = false;
  bool mask_strips = true;
};

ClassTokens tokens_of(Class tokenizer_class) {
  switch (tokenizer_class) {
    case Class::kDebertaV2:
      return {"[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]", {"[CLS]", "[SEP]"}, true, false};
    case Class::kAlbert:
      return {"[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]", {"[CLS]", "[SEP]"}};
    case Class::kXlnet:
      return {"<cls>", "<sep>", "<unk>", "<pad>", "<mask>", {"<s>", "</s>"}};
    default:
      return {"<s>", "</s>", "<unk>", "<pad>", "<mask>", {"<s>", "</s>"}};
  }
}

SequenceTemplate template_of(Class tokenizer_class, std::int32_t cls, std::int32_t sep) {
  switch (tokenizer_class) {
    case Class::kXlmRoberta:
    case Class::kCamembert:
      return roberta_sequence_template(cls, sep);
    case Class::kXlnet:
      return {.single = {.after = {Special{sep}, Special{cls, 2}}},
              .pair = {.between = {Special{sep}}, .after = {Special{sep, 1}, Special{cls, 2}}}};
    default:
      return bert_sequence_template(cls, sep);
  }
}

/// Control pieces and those that users defined, in the order of their ids.
std::vector<AddedToken> added_pieces(const SentencePieceModel& model) {
  std::vector<AddedToken> tokens;
  for (const auto& piece : model.pieces) {
    if (piece.type == PieceType::kControl || piece.type == PieceType::kUserDefined) {
      tokens.push_back({.content = piece.text});
    }
  }
  return tokens;
}

std::vector<PreTokenizerStep> pre_tokenizer_of(const TokenizerSettings& settings) {
  std::vector<PreTokenizerStep> steps;
  if (settings.tokenizer_class == Class::kDebertaV2 && settings.split_by_punct.value_or(false)) {
    steps.push_back(PunctuationSplit());
  }
  steps.push_back(MetaspaceWords());
  return steps;
}

/// The id of the unknown token, which two classes put in a place of their own.
std::int32_t unk_id_of(const SentencePieceModel& model, Class tokenizer_class) {
  switch (tokenizer_class) {
    case Class::kXlmRoberta:
    case Class::kCamembert:
      return 3;
    case Class::kXlnet:
      return 0;
    default:
      return model.unk_id;
  }
}

}  // namespace

SlowTokenizer make_slow_sentencepiece(const SlowFiles& files) {
  const Class tokenizer_class = files.settings.tokenizer_class;
  const auto [model, path] = read_model(files.directory, SentencePieceModel::Kind::kUnigram);
  ScoredPieces pieces = pieces_of(model, tokenizer_class);
  const Vocabulary vocabulary(std::move(pieces.tokens), path);
  const ClassTokens names = tokens_of(tokenizer_class);
  const std::string cls = files.name_or("cls_token", names.cls);
  const std::string sep = files.name_or("sep_token", names.sep);
  const std::string pad = files.name_or("pad_token", names.pad);
  TokenizerSpec spec{
      .normalizer = normalizer_of(model, files.settings),
      .pre_tokenizer = pre_tokenizer_of(files.settings),
      .subwords = UnigramOptions{.scores = std::move(pieces.scores),
                                 .unk_id = unk_id_of(model, tokenizer_class)},
      .sequence_template = template_of(tokenizer_class, find_special(vocabulary, "cls_token", cls),
                                       find_special(vocabulary, "sep_token", sep)),
      .added_tokens = added_pieces(model),
      .pad_token = pad};
  if (tokenizer_class == Class::kCamembert) {
    for (const char* token : {"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"}) {
      spec.added_tokens.push_back({.content = token});
    }
  }
  for (const std::string& token : {files.name_or("bos_token", names.ends[0]),
                                   files.name_or("eos_token", names.ends[1]), sep, pad, cls}) {
    spec.added_tokens.push_back({.content = token});
  }
  spec.added_tokens.push_back(
      {.content = files.name_or("unk_token", names.unk), .normalized = names.unk_normalized});
  spec.added_tokens.push_back(
      {.content = files.name_or("mask_token", names.mask), .lstrip = names.mask_strips});
  return {vocabulary, spec};
}

}  // namespace polytag::text
