#include "polytag/text/wordpiece.hpp"

#include <algorithm>

#include "polytag/error.hpp"
#include "text/wordpiece_index.hpp"

namespace polytag {
namespace {

using Entry = text::DoubleArrayTrie::Entry;

constexpr std::size_t kMostTokenBytes = 4 * kMostInputCharsPerWord;

bool is_ascii_punctuation(char c) {
  return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
         (c >= 123 && c <= 126);
}

// Where a word is punctuation alone or has none, most tokens with some need no place.
bool can_begin_word(std::string_view token, bool punctuated_words) {
  return !token.empty() && token.size() <= kMostTokenBytes &&
         (punctuated_words || token.size() == 1 || !is_ascii_punctuation(token.front()));
}

void sort_by_key(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });
}

}  // namespace

WordPieceIndex::WordPieceIndex(const Vocabulary& vocabulary, const WordPieceOptions& options,
                               std::int32_t unk_token_id)
    : unk_token_id_(unk_token_id) {
  const std::string_view prefix = options.continuing_subword_prefix;
  std::vector<Entry> words, continuations;
  for (const auto& [content, id] : vocabulary.entries()) {
    std::string_view token = content;
    if (can_begin_word(token, options.punctuated_words)) words.push_back({token, id});
    if (!token.starts_with(prefix)) continue;
    token.remove_prefix(prefix.size());
    if (!token.empty() && token.size() <= kMostTokenBytes) continuations.push_back({token, id});
  }
  sort_by_key(words);
  sort_by_key(continuations);
  word_root_ = trie_.add(words);
  continuation_root_ = trie_.add(continuations);
  words_ = ShortWordTable(words);
}

std::size_t WordPieceIndex::segment(const char* word, std::size_t size, WordPiece* pieces) const {
  std::size_t count = 0;
  auto root = word_root_;
  for (std::size_t begin = 0; begin < size; root = continuation_root_) {
    WordPiece longest{kNotFound, begin};
    auto node = root;
    for (std::size_t at = begin; at < size; ++at) {
      node = trie_.child(node, static_cast<unsigned char>(word[at]));
      if (node == text::DoubleArrayTrie::kNone) break;
      if (trie_.value(node) >= 0) longest = {trie_.value(node), at + 1};
    }
    if (longest.id == kNotFound) {
      pieces[0] = {unk_token_id_, size};
      return 1;
    }
    pieces[count++] = longest;
    begin = longest.end;
  }
  return count;
}

WordPieceModel::WordPieceModel(const Vocabulary& vocabulary, const WordPieceOptions& options)
    : options_(options) {
  const auto unk = vocabulary.find(options.unk_token);
  if (!unk) {
    throw ConfigError::mismatch(vocabulary.source(), "unk_token",
                                "\"" + options.unk_token + "\" in the vocabulary", "no such token");
  }
  if (options.max_input_chars_per_word < 1 ||
      options.max_input_chars_per_word > kMostInputCharsPerWord) {
    throw ConfigError::mismatch(vocabulary.source(), "max_input_chars_per_word",
                                "1 to " + std::to_string(kMostInputCharsPerWord),
                                std::to_string(options.max_input_chars_per_word));
  }
  unk_token_id_ = *unk;
  index_ = std::make_unique<const WordPieceIndex>(vocabulary, options, unk_token_id_);
}

WordPieceModel::WordPieceModel(WordPieceModel&&) noexcept = default;
WordPieceModel& WordPieceModel::operator=(WordPieceModel&&) noexcept = default;
WordPieceModel::~WordPieceModel() = default;

std::vector<WordPiece> WordPieceModel::tokenize(std::string_view word) const {
  if (word.empty()) return {};
  const auto characters = static_cast<std::size_t>(
      std::count_if(word.begin(), word.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
  if (characters > options_.max_input_chars_per_word || word.size() > kMostTokenBytes) {
    return {{unk_token_id_, word.size()}};
  }
  std::vector<WordPiece> pieces(word.size());
  pieces.resize(index_->segment(word.data(), word.size(), pieces.data()));
  return pieces;
}

}  // namespace polytag
