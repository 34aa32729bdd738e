#include "text/bert_text_tokenizer.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "text/ascii_word.hpp"
#include "text/text_parts.hpp"
#include "text/unicode.hpp"
#include "text/wordpiece_index.hpp"

namespace polytag::text {
namespace {

constexpr std::size_t kMostWordBytes = 4 * kMostInputCharsPerWord;

std::int32_t id_of_word(const WordPieceModel& wordpiece, std::string_view word) {
  const auto pieces = wordpiece.tokenize(word);
  return pieces.front().id;  // a single character has one piece
}

// The normalized word that is being read. Offsets are kept at each character's first byte (begin)
// and last byte (end), which is where pieces begin and end.
struct Word {
  std::size_t size = 0;
  std::size_t characters = 0;  // counted beyond what is kept
  char bytes[kMostWordBytes];
};

struct WordOffsets {
  std::size_t begin_at[kMostWordBytes];
  std::size_t end_at[kMostWordBytes];
  std::size_t begin;  // of the whole word
  std::size_t end;
};

struct Nothing {};

}  // namespace

template <bool kWithOffsets>
class BertTextTokenizer::Pass {
 public:
  Pass(const BertTextTokenizer& tokenizer, std::string_view text, TokenSink& sink)
      : tokenizer_(tokenizer),
        index_(tokenizer.wordpiece_.index()),
        text_(text),
        sink_(sink),
        most_characters_(tokenizer.wordpiece_.options().max_input_chars_per_word),
        case_bits_(tokenizer.normalizer_.options().lower_case ? repeat_byte(0x80) : 0) {}

  void run(std::size_t begin, std::size_t end) {
    const char* at = text_.data() + begin;
    end_ = text_.data() + end;
    while (at != end_) {
      at = is_ascii_word_byte(*at) ? read_short_word(at) : read_character(at);
    }
  }

  void run_by_definition(std::size_t begin, std::size_t end) {
    std::vector<NormalizedCharacter> normalized;
    tokenizer_.normalizer_.normalize(text_, begin, end, normalized);
    std::string bytes;
    for (const NormalizedCharacter& character : normalized) {
      const char32_t c = character.code_point;
      if (tokenizer_.normalizer_.is_space(c)) {
        finish_word();
        continue;
      }
      const bool alone = tokenizer_.normalizer_.is_punctuation(c);
      if (alone) finish_word();
      bytes.clear();
      append_utf8(bytes, c);
      append(bytes, 1, character.begin, character.end);
      if (alone) finish_word();
    }
    finish_word();
  }

 private:
  static bool is_ascii_word_byte(char byte) {
    const auto c = static_cast<unsigned char>(byte);
    return static_cast<unsigned char>((c | 0x20) - 'a') < 26 ||
           static_cast<unsigned char>(c - '0') < 10;
  }

  std::size_t offset(const char* at) const { return static_cast<std::size_t>(at - text_.data()); }

  void push(std::int32_t id, const char* begin, const char* end) {
    if constexpr (kWithOffsets) {
      sink_.push(id, {offset(begin), offset(end)});
    } else {
      sink_.push(id);
    }
  }

  // The common case: up to 16 letters and digits between blanks or punctuation.
  const char* read_short_word(const char* at) {
    AsciiWord word;
    if (end_ - at >= static_cast<std::ptrdiff_t>(kShortWord)) {
      word = read_ascii_word(at, case_bits_);
    } else {
      char padded[kShortWord] = {};
      std::memcpy(padded, at, static_cast<std::size_t>(end_ - at));
      word = read_ascii_word(padded, case_bits_);
    }
    const char* const next = at + word.size;
    if (next != end_ && !tokenizer_.ends_a_word_[static_cast<unsigned char>(*next)]) {
      return read_word(at);
    }
    if (word.size > most_characters_) return read_word(at);
    const std::int32_t id = index_.find_short_word(word.word);
    if (id != WordPieceIndex::kNotFound) {
      push(id, at, next);
    } else {
      char bytes[kShortWord];
      std::memcpy(bytes, &word.word, sizeof(bytes));
      WordPiece pieces[kShortWord];
      const std::size_t count = index_.segment(bytes, word.size, pieces);
      std::size_t begin = 0;
      for (std::size_t i = 0; i < count; begin = pieces[i++].end) {
        push(pieces[i].id, at + begin, at + pieces[i].end);
      }
    }
    return next;
  }

  // At the border of a word: a character that is one by itself, none, or the first of one.
  const char* read_character(const char* at) {
    const DecodedCharacter decoded = decode(at);
    const auto entry = tokenizer_.characters_[decoded.code_point];
    if (entry.effect() == CharacterEffect::kIsolated) {
      push(entry.token_id(), at, at + decoded.length);
      return at + decoded.length;
    }
    return entry.effect() == CharacterEffect::kSpace ? at + decoded.length : read_word(at);
  }

  DecodedCharacter decode(const char* at) const {
    const auto byte = [at](int index) {
      return std::uint32_t{static_cast<unsigned char>(at[index])};
    };
    if (byte(0) < 0x80) return {byte(0), 1, true};
    if ((byte(0) & 0xF0) == 0xE0 && end_ - at >= 3 && (byte(1) ^ 0x80) < 0x40 &&
        (byte(2) ^ 0x80) < 0x40) {
      const std::uint32_t c = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
      if (c >= 0x800 && (c & 0xF800) != 0xD800) return {c, 3, true};
    }
    return decode_utf8(at, end_);
  }

  // Any word, character by character. Returns where it ended.
  const char* read_word(const char* const begin) {
    const char* at = begin;
    while (at != end_) {
      const DecodedCharacter decoded = decode(at);
      const auto entry = tokenizer_.characters_[decoded.code_point];
      const char* const next = at + decoded.length;
      switch (entry.effect()) {
        case CharacterEffect::kWord:
          append_unchanged(decoded, at, next);
          break;
        case CharacterEffect::kMapped: {
          const auto mapping = tokenizer_.characters_.mapping(entry);
          append(mapping.bytes, mapping.characters, offset(at), offset(next));
          break;
        }
        case CharacterEffect::kRemoved:
          break;
        case CharacterEffect::kComplex:
          return read_complex_word(begin, at);
        case CharacterEffect::kSpace:
        case CharacterEffect::kIsolated:
          finish_word();
          return at;
      }
      at = next;
    }
    finish_word();
    return at;
  }

  // A word that only the definition can tell, from its begin to its sure end.
  const char* read_complex_word(const char* begin, const char* at) {
    word_.size = 0;
    word_.characters = 0;
    while (at != end_) {
      const DecodedCharacter decoded = decode(at);
      const CharacterEffect effect = tokenizer_.characters_[decoded.code_point].effect();
      if (effect == CharacterEffect::kSpace || effect == CharacterEffect::kIsolated) break;
      at += decoded.length;
    }
    run_by_definition(offset(begin), offset(at));
    return at;
  }

  void append_unchanged(const DecodedCharacter& decoded, const char* at, const char* next) {
    if (decoded.valid) {
      append({at, decoded.length}, 1, offset(at), offset(next));
    } else {
      append("\xEF\xBF\xBD", 1, offset(at), offset(next));
    }
  }

  // Characters that all stand for the original's [begin, end).
  void append(std::string_view bytes, std::size_t characters, std::size_t begin, std::size_t end) {
    if constexpr (kWithOffsets) {
      if (word_.characters == 0) offsets_.begin = begin;
      offsets_.end = end;
    }
    word_.characters += characters;
    if (word_.characters > most_characters_) return;
    std::memcpy(word_.bytes + word_.size, bytes.data(), bytes.size());
    if constexpr (kWithOffsets) {
      std::fill_n(offsets_.begin_at + word_.size, bytes.size(), begin);
      std::fill_n(offsets_.end_at + word_.size, bytes.size(), end);
    }
    word_.size += bytes.size();
  }

  void finish_word() {
    if (word_.characters == 0) return;
    if (word_.characters > most_characters_) {
      push_piece(tokenizer_.wordpiece_.unk_token_id(), 0, 0, true);
    } else {
      push_pieces();
    }
    word_.size = 0;
    word_.characters = 0;
  }

  void push_pieces() {
    if (const std::string_view word(word_.bytes, word_.size); fits_short_word(word)) {
      const std::int32_t id = index_.find_short_word(make_short_word(word));
      if (id != WordPieceIndex::kNotFound) return push_piece(id, 0, word_.size, true);
    }
    WordPiece pieces[kMostWordBytes];
    const std::size_t count = index_.segment(word_.bytes, word_.size, pieces);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count; begin = pieces[i++].end) {
      push_piece(pieces[i].id, begin, pieces[i].end, count == 1);
    }
  }

  void push_piece(std::int32_t id, std::size_t begin, std::size_t end, bool whole_word) {
    if constexpr (kWithOffsets) {
      sink_.push(id, whole_word ? TokenOffset{offsets_.begin, offsets_.end}
                                : TokenOffset{offsets_.begin_at[begin], offsets_.end_at[end - 1]});
    } else {
      static_cast<void>(begin), static_cast<void>(end), static_cast<void>(whole_word);
      sink_.push(id);
    }
  }

  const BertTextTokenizer& tokenizer_;
  const WordPieceIndex& index_;
  std::string_view text_;
  TokenSink& sink_;
  std::size_t most_characters_;
  std::uint64_t case_bits_;
  const char* end_ = nullptr;
  Word word_;
  [[no_unique_address]] std::conditional_t<kWithOffsets, WordOffsets, Nothing> offsets_;
};

BertTextTokenizer::BertTextTokenizer(const Vocabulary& vocabulary,
                                     const BertNormalizerOptions& normalizer_options,
                                     const WordPieceOptions& wordpiece_options)
    : normalizer_(normalizer_options),
      wordpiece_(vocabulary, wordpiece_options),
      characters_(normalizer_.options(),
                  [this](std::string_view word) { return id_of_word(wordpiece_, word); }),
      sigma_needs_context_(normalizer_options.lower_case &&
                           normalizer_options.basic_tokenizer == BasicTokenizer::kTensorFlow) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const CharacterEffect effect = characters_[byte].effect();
    ends_a_word_[byte] =
        byte < 128 && (effect == CharacterEffect::kSpace || effect == CharacterEffect::kIsolated);
  }
}

void BertTextTokenizer::tokenize(std::string_view text, std::size_t begin, std::size_t end,
                                 bool with_offsets, TokenSink& sink) const {
  if (sigma_needs_context_ &&
      text.substr(begin, end - begin).find("\xCE\xA3") != std::string_view::npos) {
    tokenize_in_context(text, begin, end, sink);
  } else if (with_offsets) {
    Pass<true>(*this, text, sink).run(begin, end);
  } else {
    Pass<false>(*this, text, sink).run(begin, end);
  }
}

std::size_t BertTextTokenizer::working_bytes(std::string_view text) const {
  // A table needs no memory. The few words that it does not know are not counted.
  constexpr std::size_t kMostCharactersPerByte = 2;  // see NormalizerChain
  if (!sigma_needs_context_) return 0;
  return longest_part(text) * kMostCharactersPerByte * kWorkingBytesPerCharacter;
}

void BertTextTokenizer::tokenize_by_definition(std::string_view text, std::size_t begin,
                                               std::size_t end, TokenSink& sink) const {
  Pass<true>(*this, text, sink).run_by_definition(begin, end);
}

void BertTextTokenizer::tokenize_in_context(std::string_view text, std::size_t begin,
                                            std::size_t end, TokenSink& sink) const {
  while (begin < end) {
    const std::size_t stop = end_of_part(text, begin, end);
    tokenize_by_definition(text, begin, stop, sink);
    begin = stop;
  }
}

}  // namespace polytag::text
