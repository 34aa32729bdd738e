#include "text/bpe_merges.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <queue>
#include <string>

#include "polytag/error.hpp"

namespace polytag::text {
namespace {

// Up to here looking at all ranks again costs less than keeping them in a heap.
constexpr std::size_t kFewSymbols = 48;

}  // namespace

BpeMerges::BpeMerges(const std::vector<BpeMerge>& merges, std::size_t ids, std::string_view file) {
  const std::size_t capacity = std::bit_ceil(2 * merges.size() + 2);
  slots_.resize(capacity);
  mask_ = capacity - 1;
  shift_ = 64 - std::countr_zero(capacity);
  std::uint32_t rank = 0;
  for (const BpeMerge& merge : merges) {
    for (const std::int32_t id : {merge.left, merge.right, merge.merged}) {
      if (id >= 0 && static_cast<std::size_t>(id) < ids) continue;
      throw ConfigError::mismatch(file, "merges[" + std::to_string(rank) + "]",
                                  "ids from 0 to " + std::to_string(ids - 1), std::to_string(id));
    }
    const std::uint64_t pair = pair_of(merge.left, merge.right);
    std::size_t at = home(pair);
    while (slots_[at].pair != pair && slots_[at].pair != kEmpty) at = (at + 1) & mask_;
    slots_[at] = {pair, rank++, merge.merged};
  }
}

void BpeMerges::merge(std::vector<BpeSymbol>& symbols) const {
  if (symbols.size() < 2) return;
  symbols.size() <= kFewSymbols ? merge_few(symbols) : merge_many(symbols);
}

void BpeMerges::merge_few(std::vector<BpeSymbol>& symbols) const {
  std::array<std::uint32_t, kFewSymbols> ranks{};  // of each symbol and the next
  std::array<std::int32_t, kFewSymbols> merged{};
  std::size_t count = symbols.size();
  const auto look_up = [&](std::size_t at) {
    const Slot& slot = find(symbols[at].id, symbols[at + 1].id);
    ranks[at] = slot.rank;
    merged[at] = slot.merged;
  };
  for (std::size_t at = 0; at + 1 < count; ++at) look_up(at);
  while (count > 1) {
    const auto* const best = std::min_element(ranks.begin(), ranks.begin() + count - 1);
    if (*best == kNoRank) break;
    const auto at = static_cast<std::size_t>(best - ranks.begin());
    symbols[at] = {merged[at], symbols[at].size + symbols[at + 1].size};
    for (std::size_t next = at + 1; next + 1 < count; ++next) {
      symbols[next] = symbols[next + 1];
      ranks[next] = ranks[next + 1];  // what stands at the end is not read
      merged[next] = merged[next + 1];
    }
    --count;
    if (at > 0) look_up(at - 1);
    if (at + 1 < count) look_up(at);
  }
  symbols.resize(count);
}

void BpeMerges::merge_many(std::vector<BpeSymbol>& symbols) const {
  constexpr std::uint32_t kNobody = 0xFFFFFFFF;
  struct Link {
    std::uint32_t before;
    std::uint32_t behind;
  };
  struct Candidate {
    std::uint32_t rank;
    std::uint32_t left;
    std::uint64_t pair;
    std::int32_t merged;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  const auto count = static_cast<std::uint32_t>(symbols.size());
  std::vector<Link> links(count);
  std::vector<Candidate> candidates;
  candidates.reserve(count);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> best(
      std::greater<>(), std::move(candidates));
  const auto consider = [&](std::uint32_t left, std::uint32_t right) {
    const Slot& slot = find(symbols[left].id, symbols[right].id);
    if (slot.rank != kNoRank) best.push({slot.rank, left, slot.pair, slot.merged});
  };
  for (std::uint32_t at = 0; at < count; ++at) {
    links[at] = {at == 0 ? kNobody : at - 1, at + 1 == count ? kNobody : at + 1};
    if (at + 1 < count) consider(at, at + 1);
  }
  while (!best.empty()) {
    const Candidate candidate = best.top();
    best.pop();
    const std::uint32_t left = candidate.left;
    const std::uint32_t right = links[left].behind;
    // Whatever has been merged since no longer has this pair of ids.
    if (symbols[left].size == 0 || right == kNobody ||
        pair_of(symbols[left].id, symbols[right].id) != candidate.pair) {
      continue;
    }
    symbols[left] = {candidate.merged, symbols[left].size + symbols[right].size};
    symbols[right].size = 0;
    links[left].behind = links[right].behind;
    if (links[left].behind != kNobody) {
      links[links[left].behind].before = left;
      consider(left, links[left].behind);
    }
    if (links[left].before != kNobody) consider(links[left].before, left);
  }
  std::erase_if(symbols, [](const BpeSymbol& symbol) { return symbol.size == 0; });
}

}  // namespace polytag::text
