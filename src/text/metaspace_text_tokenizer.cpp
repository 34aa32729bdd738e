#include "text/metaspace_text_tokenizer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

using Kind = NormalizedCharacters::Kind;

constexpr std::string_view kMark = "\xE2\x96\x81";

bool is_string_replacement(const NormalizerStep& step) {
  const auto* const replace = std::get_if<ReplaceText>(&step);
  return replace != nullptr && std::holds_alternative<std::string>(replace->pattern);
}

/// Whether a step changes white space and the characters beside it at most.
bool works_on_words(const NormalizerStep& step) {
  if (const auto* const replace = std::get_if<ReplaceText>(&step)) {
    return replace->pattern == TextPattern(KnownPattern::kBlankRun) &&
           (replace->content == " " || replace->content == kMark);
  }
  return std::holds_alternative<UnicodeForm>(step) || std::holds_alternative<Lowercase>(step) ||
         std::holds_alternative<StripAccents>(step) ||
         std::holds_alternative<StripWhiteSpace>(step) ||
         std::holds_alternative<PrecompiledCharsmap>(step) ||
         std::holds_alternative<NmtCleaning>(step);
}

bool has_white_space(std::string_view text) {
  return std::ranges::any_of(characters_of(text), [](const NormalizedCharacter& character) {
    return is_white_space(character.code_point);
  });
}

bool can_join(const TokenizerSpec& spec, const std::vector<AddedToken>& normalized) {
  if (!std::holds_alternative<UnigramOptions>(spec.subwords) || spec.pre_tokenizer.empty() ||
      spec.pre_tokenizer.size() > 2 ||
      spec.pre_tokenizer.back() != PreTokenizerStep(MetaspaceWords()) ||
      (spec.pre_tokenizer.size() == 2 &&
       spec.pre_tokenizer.front() != PreTokenizerStep(WhitespaceSplit()))) {
    return false;
  }
  const auto others = std::ranges::find_if_not(spec.normalizer, is_string_replacement);
  return std::all_of(others, spec.normalizer.end(), works_on_words) &&
         std::ranges::none_of(normalized, [](const AddedToken& token) {
           return token.lstrip || token.rstrip || token.single_word ||
                  has_white_space(token.content);
         });
}

std::vector<std::string> replaced_texts(const std::vector<NormalizerStep>& steps) {
  std::vector<std::string> texts;
  for (const NormalizerStep& step : steps) {
    if (!is_string_replacement(step)) break;
    texts.push_back(std::get<std::string>(std::get<ReplaceText>(step).pattern));
  }
  return texts;
}

/// The first characters of tokens that are looked for in the normalized text.
std::vector<char32_t> first_characters(const NormalizerChain& normalizer,
                                       const std::vector<AddedToken>& normalized) {
  std::vector<char32_t> first;
  for (const AddedToken& token : normalized) {
    Characters characters = characters_of(token.content);
    normalizer.apply(characters);
    if (!characters.empty()) first.push_back(characters.front().code_point);
  }
  return first;
}

}  // namespace

/// One part of a text without added tokens.
class MetaspaceTextTokenizer::Pass {
 public:
  Pass(const MetaspaceTextTokenizer& tokenizer, std::string_view text, TokenSink& sink)
      : tokenizer_(tokenizer), text_(text), sink_(sink) {}

  void run(std::size_t begin, std::size_t end) {
    end_ = end;
    std::size_t steps_begin = end;  // of words that are left to the steps, if there are some
    bool can_cut = true;            // before the word that is next
    for (std::size_t at = begin; at < end;) {
      const Word word = read_word(at);
      const bool is_plain = word.is_plain && can_cut && can_cut_behind(word);
      if (is_plain) {
        if (steps_begin != end) step_by_step(steps_begin, at - 1);
        steps_begin = end;
        push_word();
      } else {
        steps_begin = std::min(steps_begin, at);
        can_cut = word.ends_plainly && can_cut_behind(word);
      }
      at = word.end + 1;
    }
    if (steps_begin != end) step_by_step(steps_begin, end);
  }

 private:
  struct Word {
    std::size_t end;
    bool is_plain;
    bool ends_plainly;  // its last character
  };

  struct Character {
    Kind kind;
    char32_t code_point;
    std::uint32_t length;
  };

  Character read(std::size_t at) const {
    const DecodedCharacter decoded = decode_utf8(text_.data() + at, text_.data() + end_);
    const Kind kind =
        decoded.valid ? tokenizer_.characters_.kind(decoded.code_point) : Kind::kComplex;
    return {kind, decoded.code_point, decoded.length};
  }

  /// Reads up to a blank, and normalizes into bytes_ as far as that goes.
  Word read_word(std::size_t begin) {
    bytes_.assign(kMark);
    Word word{begin, true, false};
    while (word.end < end_ && text_[word.end] != ' ') {
      const Character character = read(word.end);
      const char* const at = text_.data() + word.end;
      word.end += character.length;
      word.ends_plainly = character.kind != Kind::kComplex;
      word.is_plain &= word.ends_plainly;
      if (character.kind == Kind::kSame) {
        bytes_.append(at, character.length);
      } else if (character.kind == Kind::kMapped) {
        bytes_ += tokenizer_.characters_.mapped(character.code_point);
      }
    }
    word.is_plain &= word.ends_plainly;  // it is not empty
    return word;
  }

  /// Whether one blank follows, and a plain character behind it; or nothing.
  bool can_cut_behind(const Word& word) const {
    if (word.end == end_) return true;
    const std::size_t next = word.end + 1;
    return next < end_ && text_[next] != ' ' && read(next).kind != Kind::kComplex;
  }

  void push_word() {
    if (fits_short_word(bytes_)) {
      const std::int32_t id = tokenizer_.words_.find(make_short_word(bytes_));
      if (id != ShortWordTable::kNotFound) return sink_.push(id);
    }
    pieces_.clear();
    tokenizer_.unigram_.tokenize(bytes_, scratch_, pieces_);
    for (const SubwordPiece& piece : pieces_) sink_.push(piece.id);
  }

  void step_by_step(std::size_t begin, std::size_t end) {
    tokenizer_.stepwise_.tokenize(text_, begin, end, false, sink_);
  }

  const MetaspaceTextTokenizer& tokenizer_;
  std::string_view text_;
  TokenSink& sink_;
  std::size_t end_ = 0;
  std::string bytes_;  // of the word
  UnigramModel::Scratch scratch_;
  std::vector<SubwordPiece> pieces_;
};

std::unique_ptr<const TextTokenizer> MetaspaceTextTokenizer::make(
    const TokenizerSpec& spec, const Vocabulary& vocabulary,
    const std::vector<AddedToken>& normalized) {
  if (!can_join(spec, normalized)) return nullptr;
  return std::unique_ptr<const TextTokenizer>(
      new MetaspaceTextTokenizer(spec, vocabulary, normalized));
}

MetaspaceTextTokenizer::MetaspaceTextTokenizer(const TokenizerSpec& spec,
                                               const Vocabulary& vocabulary,
                                               const std::vector<AddedToken>& normalized)
    : stepwise_(spec, vocabulary, normalized),
      unigram_(static_cast<const UnigramModel&>(stepwise_.subwords())),
      characters_(stepwise_.normalizer(), first_characters(stepwise_.normalizer(), normalized)),
      replaced_(replaced_texts(spec.normalizer)) {
  std::vector<DoubleArrayTrie::Entry> words;
  UnigramModel::Scratch scratch;
  std::vector<SubwordPiece> pieces;
  for (const auto& [token, id] : vocabulary.entries()) {
    if (!token.starts_with(kMark) || !fits_short_word(token)) continue;
    pieces.clear();
    unigram_.tokenize(token, scratch, pieces);
    if (pieces.size() == 1 && pieces.front().id == id) words.push_back({token, id});
  }
  words_ = ShortWordTable(words);
}

void MetaspaceTextTokenizer::tokenize(std::string_view text, std::size_t begin, std::size_t end,
                                      bool with_offsets, TokenSink& sink) const {
  const std::string_view part = text.substr(begin, end - begin);
  const bool replaces = std::ranges::any_of(replaced_, [&](const std::string& replaced) {
    return part.find(replaced) != std::string_view::npos;
  });
  if (with_offsets || replaces) return stepwise_.tokenize(text, begin, end, with_offsets, sink);
  Pass(*this, text, sink).run(begin, end);
}

}  // namespace polytag::text
