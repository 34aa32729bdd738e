#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace polytag::text {

/// A trie over bytes whose nodes lie in one array (Aoe 1989): the child of node n for byte b is at
/// children(n) ^ b, and belongs to n if it names n as its parent.
class DoubleArrayTrie {
 public:
  using Node = std::uint32_t;
  static constexpr Node kNone = 0xFFFFFFFF;
  static constexpr std::int32_t kNoValue = -1;

  struct Entry {
    std::string_view key;  // not empty
    std::int32_t value;    // not negative
  };

  DoubleArrayTrie();

  /// Adds a trie of its own and returns its root. Entries are sorted by key and have no duplicates.
  /// Takes time and memory linear in the bytes of the keys.
  Node add(std::span<const Entry> sorted_entries);

  Node child(Node node, unsigned char byte) const {
    const Node next = nodes_[node].children ^ byte;
    return nodes_[next].parent == node ? next : kNone;
  }
  std::int32_t value(Node node) const { return nodes_[node].value; }

 private:
  /// Of a root, which must not be its own: it may lie where one of its children would.
  static constexpr Node kNobody = 0xFFFFFFFE;

  struct Unit {
    std::uint32_t children = 0;
    Node parent = kNone;  // kNone: free
    std::int32_t value = kNoValue;
  };

  Node take_free();
  std::uint32_t place(std::span<const unsigned char> labels);
  bool fits(std::uint32_t children, std::span<const unsigned char> labels) const;
  void add_block();

  std::vector<Unit> nodes_;       // in blocks of 256, so that children ^ byte stays inside
  std::vector<Node> free_nodes_;  // may name nodes that are taken by now
};

}  // namespace polytag::text
