#include "text/character_table.hpp"

#include <algorithm>
#include <string>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

using Entry = CharacterTable::Entry;
constexpr char32_t kCodePoints = 0x110000;

// Planes where every character is unassigned or for private use, but for the last two of each
// plane: their pages are all alike.
bool is_uniform(char32_t first_of_page, char32_t page) {
  const bool unassigned = first_of_page >= 0x40000 && first_of_page < 0xE0000;
  const bool behind_tags = first_of_page >= 0xE1000;
  return (unassigned || behind_tags) && first_of_page % 0x10000 != 0 &&
         (first_of_page + page) % 0x10000 != 0;
}

class TableBuilder {
 public:
  TableBuilder(const BertNormalizerOptions& options,
               const std::function<std::int32_t(std::string_view)>& find_word,
               std::vector<char>& mapped)
      : options_(options), normalizer_(options), find_word_(find_word), mapped_(mapped) {}

  Entry entry(char32_t code_point) {
    if (is_unchanged(code_point)) {
      return is_isolated_chinese(code_point) ? isolated(code_point) : CharacterEffect::kWord;
    }
    bytes_.clear();
    append_utf8(bytes_, code_point);
    normalized_.clear();
    normalizer_.normalize(bytes_, 0, bytes_.size(), normalized_);
    if (has_lasting_mark(code_point)) return CharacterEffect::kComplex;
    std::erase_if(normalized_, [&](const NormalizedCharacter& character) {
      return is_blank_around(code_point, character);
    });
    if (normalized_.empty()) return CharacterEffect::kRemoved;
    std::string result;
    for (const auto& character : normalized_) append_utf8(result, character.code_point);
    if (normalized_.size() == 1) return entry_of_one(code_point, result);
    for (const auto& character : normalized_) {
      if (!is_word_part(character.code_point)) return CharacterEffect::kComplex;
    }
    return map_to(result);
  }

 private:
  // Most of Unicode: what needs no look at the stages.
  bool is_unchanged(char32_t c) const {
    const BasicTokenizer rules = options_.basic_tokenizer;
    if (c == 0 || character_kind(c, rules) != CharacterKind::kOrdinary) return false;
    if (options_.lower_case && to_lower(c, rules) != CharacterSequence{{c}, 1}) return false;
    return !options_.strip_accents ||
           (decompose(c, rules) == CharacterSequence{{c}, 1} && combining_class(c, rules) == 0);
  }

  // Marks of a class that are not dropped are sorted among their neighbours.
  bool has_lasting_mark(char32_t code_point) const {
    if (!options_.strip_accents) return false;
    const CharacterSequence parts = decompose(code_point, options_.basic_tokenizer);
    return std::any_of(parts.begin(), parts.end(), [this](char32_t part) {
      return combining_class(part, options_.basic_tokenizer) != 0 &&
             character_kind(part, options_.basic_tokenizer) != CharacterKind::kMark;
    });
  }

  bool is_isolated_chinese(char32_t code_point) const {
    return options_.tokenize_chinese_chars && is_chinese(code_point, options_.basic_tokenizer);
  }

  bool is_blank_around(char32_t code_point, const NormalizedCharacter& character) const {
    return is_isolated_chinese(code_point) && character.code_point == ' ';
  }

  bool is_word_part(char32_t c) const {
    return !normalizer_.is_space(c) && !normalizer_.is_punctuation(c);
  }

  Entry entry_of_one(char32_t code_point, const std::string& result) {
    const char32_t becomes = normalized_.front().code_point;
    if (normalizer_.is_space(becomes)) return CharacterEffect::kSpace;
    if (normalizer_.is_punctuation(becomes) || is_isolated_chinese(code_point)) {
      return isolated(becomes);
    }
    return becomes == code_point ? Entry{CharacterEffect::kWord} : map_to(result);
  }

  Entry isolated(char32_t becomes) {
    std::string word;
    append_utf8(word, becomes);
    return {CharacterEffect::kIsolated, static_cast<std::uint32_t>(find_word_(word))};
  }

  Entry map_to(const std::string& result) {
    const Entry entry{CharacterEffect::kMapped, static_cast<std::uint32_t>(mapped_.size())};
    mapped_.push_back(static_cast<char>(result.size()));
    mapped_.push_back(static_cast<char>(normalized_.size()));
    mapped_.insert(mapped_.end(), result.begin(), result.end());
    return entry;
  }

  BertNormalizerOptions options_;
  BertNormalizer normalizer_;
  const std::function<std::int32_t(std::string_view)>& find_word_;
  std::vector<char>& mapped_;
  std::string bytes_;
  std::vector<NormalizedCharacter> normalized_;
};

}  // namespace

CharacterTable::CharacterTable(const BertNormalizerOptions& options,
                               const std::function<std::int32_t(std::string_view)>& find_word) {
  TableBuilder builder(options, find_word, mapped_);
  pages_.reserve(kCodePoints / kPage);
  std::size_t page_count = 0;
  for (char32_t first = 0; first < kCodePoints; first += kPage) {
    if (is_uniform(first, kPage) && is_uniform(first - kPage, kPage)) {
      pages_.push_back(pages_.back());
      continue;
    }
    for (char32_t c = first; c < first + kPage; ++c) entries_.push_back(builder.entry(c));
    const auto page = entries_.end() - kPage;
    const bool repeats =
        page_count > 0 && std::equal(page, entries_.end(), page - kPage, entries_.end() - kPage);
    if (repeats) {
      entries_.erase(page, entries_.end());
    } else {
      ++page_count;
    }
    pages_.push_back(static_cast<std::uint16_t>(page_count - 1));
  }
}

}  // namespace polytag::text
