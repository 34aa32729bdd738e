#include "text/double_array.hpp"

#include <algorithm>

namespace polytag::text {
namespace {

constexpr std::size_t kBlock = 256;
// How many free nodes are tried for siblings before a new block is opened for them.
constexpr std::size_t kMostTries = 32;

unsigned char byte_at(const DoubleArrayTrie::Entry& entry, std::size_t depth) {
  return static_cast<unsigned char>(entry.key[depth]);
}

}  // namespace

DoubleArrayTrie::DoubleArrayTrie() = default;

void DoubleArrayTrie::add_block() {
  const std::size_t begin = nodes_.size();
  nodes_.resize(begin + kBlock);
  for (std::size_t i = kBlock; i-- > 0;) free_nodes_.push_back(static_cast<Node>(begin + i));
}

DoubleArrayTrie::Node DoubleArrayTrie::take_free() {
  for (;;) {
    if (free_nodes_.empty()) add_block();
    const Node node = free_nodes_.back();
    if (nodes_[node].parent == kNone) return node;
    free_nodes_.pop_back();
  }
}

bool DoubleArrayTrie::fits(std::uint32_t children, std::span<const unsigned char> labels) const {
  return std::all_of(labels.begin(), labels.end(),
                     [&](unsigned char label) { return nodes_[children ^ label].parent == kNone; });
}

std::uint32_t DoubleArrayTrie::place(std::span<const unsigned char> labels) {
  take_free();  // the last free node is a true one
  const std::size_t tries = std::min(free_nodes_.size(), kMostTries);
  for (std::size_t i = 0; i < tries; ++i) {
    const std::uint32_t children = free_nodes_[free_nodes_.size() - 1 - i] ^ labels.front();
    if (fits(children, labels)) return children;
  }
  const auto children = static_cast<std::uint32_t>(nodes_.size());
  add_block();
  return children;
}

DoubleArrayTrie::Node DoubleArrayTrie::add(std::span<const Entry> entries) {
  struct Pending {
    Node node;
    std::size_t begin, end, depth;
  };
  const Node root = take_free();
  nodes_[root].parent = kNobody;
  std::vector<Pending> pending{{root, 0, entries.size(), 0}};
  std::vector<unsigned char> labels;
  while (!pending.empty()) {
    auto [node, begin, end, depth] = pending.back();
    pending.pop_back();
    if (begin < end && entries[begin].key.size() == depth)
      nodes_[node].value = entries[begin++].value;
    labels.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const unsigned char label = byte_at(entries[i], depth);
      if (labels.empty() || labels.back() != label) labels.push_back(label);
    }
    if (labels.empty()) continue;
    const std::uint32_t children = place(labels);
    nodes_[node].children = children;
    for (const unsigned char label : labels) nodes_[children ^ label].parent = node;
    for (const unsigned char label : labels) {
      std::size_t stop = begin;
      while (stop < end && byte_at(entries[stop], depth) == label) ++stop;
      pending.push_back({children ^ label, begin, stop, depth + 1});
      begin = stop;
    }
  }
  return root;
}

}  // namespace polytag::text
