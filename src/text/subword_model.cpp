#include "text/subword_model.hpp"

#include <utility>

#include "polytag/error.hpp"
#include "text/bpe_model.hpp"
#include "text/unigram_model.hpp"

namespace polytag::text {
namespace {

class WordPieceSubwords final : public SubwordModel {
 public:
  WordPieceSubwords(const Vocabulary& vocabulary, WordPieceOptions options)
      : model_(vocabulary, with_punctuation(std::move(options))) {}

  void tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const override {
    std::size_t begin = 0;
    for (const WordPiece& piece : model_.tokenize(word)) {
      pieces.push_back({piece.id, begin, piece.end});
      begin = piece.end;
    }
  }

 private:
  static WordPieceOptions with_punctuation(WordPieceOptions options) {
    options.punctuated_words = true;
    return options;
  }

  WordPieceModel model_;
};

class WordLevelModel final : public SubwordModel {
 public:
  WordLevelModel(const Vocabulary& vocabulary, const WordLevelOptions& options)
      : tokens_(vocabulary) {
    const auto unk = vocabulary.find(options.unk_token);
    if (!unk) {
      throw ConfigError::mismatch(vocabulary.source(), "unk_token",
                                  "\"" + options.unk_token + "\" in the vocabulary",
                                  "no such token");
    }
    unk_id_ = *unk;
  }

  void tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const override {
    const std::int32_t id = tokens_.find(word);
    pieces.push_back({id == TokenTrie::kNotFound ? unk_id_ : id, 0, word.size()});
  }

 private:
  TokenTrie tokens_;
  std::int32_t unk_id_;
};

}  // namespace

std::unique_ptr<const SubwordModel> make_subword_model(const SubwordSpec& spec,
                                                       const Vocabulary& vocabulary) {
  if (const auto* wordpiece = std::get_if<WordPieceOptions>(&spec)) {
    return std::make_unique<const WordPieceSubwords>(vocabulary, *wordpiece);
  }
  if (const auto* word_level = std::get_if<WordLevelOptions>(&spec)) {
    return std::make_unique<const WordLevelModel>(vocabulary, *word_level);
  }
  if (const auto* bpe = std::get_if<BpeOptions>(&spec)) {
    return std::make_unique<const BpeModel>(vocabulary, *bpe);
  }
  return std::make_unique<const UnigramModel>(vocabulary, std::get<UnigramOptions>(spec));
}

}  // namespace polytag::text
