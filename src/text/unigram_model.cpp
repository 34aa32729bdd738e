#include "text/unigram_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/utf8.hpp"
#include "polytag/error.hpp"

namespace polytag::text {
namespace {

// How much worse an unknown character is than the worst token.
constexpr double kUnknownPenalty = 10;

constexpr std::uint32_t kUnreached = 0xFFFFFFFF;

}  // namespace

UnigramModel::UnigramModel(const Vocabulary& vocabulary, UnigramOptions options)
    : tokens_(vocabulary),
      byte_tokens_(vocabulary),
      options_(std::move(options)),
      source_(vocabulary.source()) {
  const auto& scores = options_.scores;
  if (scores.size() != vocabulary.size()) {
    throw ConfigError::mismatch(source_, "scores", std::to_string(vocabulary.size()) + " of them",
                                std::to_string(scores.size()));
  }
  const auto infinite = std::ranges::find_if_not(scores, [](double s) { return std::isfinite(s); });
  if (infinite != scores.end()) {
    throw ConfigError::mismatch(source_,
                                "score of token " + std::to_string(infinite - scores.begin()),
                                "a finite number", std::to_string(*infinite));
  }
  if (options_.unk_id &&
      (*options_.unk_id < 0 || static_cast<std::size_t>(*options_.unk_id) >= scores.size())) {
    throw ConfigError::mismatch(source_, "unk_id",
                                "an id from 0 to " + std::to_string(scores.size() - 1),
                                std::to_string(*options_.unk_id));
  }
  unknown_score_ = *std::ranges::min_element(scores) - kUnknownPenalty;
}

void UnigramModel::search(std::string_view word, Scratch& nodes) const {
  nodes.assign(word.size() + 1, Node{0, kUnreached, 0});
  const auto consider = [&](std::size_t begin, std::size_t end, double score, std::int32_t id) {
    Node& node = nodes[end];
    const double candidate = nodes[begin].score + score;
    // The earliest begin stays where sums are equal.
    if (node.begin != kUnreached && candidate <= node.score) return;
    node = {candidate, static_cast<std::uint32_t>(begin), id};
  };
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t next =
        begin + decode_utf8(word.data() + begin, word.data() + word.size()).length;
    bool is_a_token = false;
    tokens_.for_each_prefix(word, begin, [&](std::int32_t id, std::size_t end) {
      consider(begin, end, options_.scores[static_cast<std::size_t>(id)], id);
      is_a_token |= end == next;
    });
    if (!is_a_token) {
      if (!options_.unk_id) {
        throw EncodingError::mismatch(source_, "unk_id", "the id of an unknown token",
                                      "none for a character that is no token");
      }
      consider(begin, next, unknown_score_, *options_.unk_id);
    }
    begin = next;
  }
}

void UnigramModel::push_unknown(std::string_view word, std::size_t begin, std::size_t end,
                                std::vector<SubwordPiece>& pieces) const {
  const std::string_view text = word.substr(begin, end - begin);
  // From the last to the first.
  if (const std::int32_t id = tokens_.find(text); id != TokenTrie::kNotFound) {
    pieces.push_back({id, begin, end});
  } else if (options_.byte_fallback && byte_tokens_.cover(text)) {
    for (auto byte = text.rbegin(); byte != text.rend(); ++byte) {
      pieces.push_back({byte_tokens_[*byte], begin, end});
    }
  } else {
    pieces.push_back({*options_.unk_id, begin, end});
  }
}

void UnigramModel::tokenize(std::string_view word, std::vector<SubwordPiece>& pieces) const {
  Scratch scratch;
  tokenize(word, scratch, pieces);
}

void UnigramModel::tokenize(std::string_view word, Scratch& nodes,
                            std::vector<SubwordPiece>& pieces) const {
  search(word, nodes);
  const auto first = static_cast<std::ptrdiff_t>(pieces.size());
  for (std::size_t end = word.size(); end > 0;) {
    std::size_t begin = nodes[end].begin;
    if (nodes[end].id != options_.unk_id) {
      pieces.push_back({nodes[end].id, begin, end});
    } else {
      while (begin > 0 && nodes[begin].id == options_.unk_id) begin = nodes[begin].begin;
      push_unknown(word, begin, end, pieces);
    }
    end = begin;
  }
  std::reverse(pieces.begin() + first, pieces.end());
}

}  // namespace polytag::text
