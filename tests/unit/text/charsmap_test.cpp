// SentencePiece's tables of replacements: how keys are found in clusters, and tables that are none.

#include "text/charsmap.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;
using text::Charsmap;

namespace {

void append_unit(std::string& bytes, std::uint32_t unit) {
  bytes.append(reinterpret_cast<const char*>(&unit), sizeof(unit));
}

/// A double array in which each node has 256 units of its own, and the replacements.
std::string make_charsmap(const std::map<std::string, std::string>& replacements) {
  struct Node {
    std::map<unsigned char, std::size_t> children = {};
    std::string value = {};
    bool ends = false;
  };
  std::vector<Node> nodes(1);
  for (const auto& [key, value] : replacements) {
    std::size_t at = 0;
    for (const char byte : key) {
      auto& child = nodes[at].children[static_cast<unsigned char>(byte)];
      if (child == 0) {
        const std::size_t next = nodes.size();
        child = next;
        at = next;
        nodes.emplace_back();
      } else {
        at = child;
      }
    }
    nodes[at].ends = true;
    nodes[at].value = value;
  }
  // The children of node n, and its value, lie in block n + 1; the root's unit is unit 0.
  std::vector<std::uint32_t> units((nodes.size() + 1) * 256);
  std::string texts;
  const auto write = [&](std::size_t unit, std::size_t node, std::uint32_t label) {
    const auto offset = static_cast<std::uint32_t>(unit ^ ((node + 1) * 256));
    // The offset is kept with 8 bits less where it is a multiple of 256.
    units[unit] = label | (nodes[node].ends ? 1U << 8 : 0) |
                  (offset % 256 == 0 ? offset >> 8 << 10 | 1U << 9 : offset << 10);
    if (!nodes[node].ends) return;
    units[(node + 1) * 256] = 0x80000000U | static_cast<std::uint32_t>(texts.size());
    texts += nodes[node].value + '\0';
  };
  write(0, 0, 0);
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    for (const auto& [label, child] : nodes[node].children) {
      write(((node + 1) * 256) ^ label, child, label);
    }
  }
  std::string bytes;
  append_unit(bytes, static_cast<std::uint32_t>(units.size() * sizeof(std::uint32_t)));
  for (const std::uint32_t unit : units) append_unit(bytes, unit);
  return bytes + texts;
}

std::string applied(const Charsmap& charsmap, const std::string& text) {
  text::Characters characters = text::characters_of(text);
  charsmap.apply(characters);
  return text::to_utf8(characters);
}

const std::map<std::string, std::string> kReplacements{
    {"A", "a"}, {"A\u0301", "X"}, {"bc", "d"}, {"\u200B", ""}, {"\u2049", "!?"}, {"\r\n", "\n"}};

}  // namespace

TEST_CASE("charsmap: the shortest key that begins a cluster replaces all of it",
          "[text][charsmap]") {
  const Charsmap charsmap(make_charsmap(kReplacements), "model");
  CHECK(charsmap.find("A\u0301") == "a");
  CHECK(charsmap.find("bcd") == "d");
  CHECK_FALSE(charsmap.find("b").has_value());
  CHECK(applied(charsmap, "BA") == "Ba");
  CHECK(applied(charsmap, "A\u0301A") == "aa");                              // the mark is lost
  CHECK(applied(charsmap, "A\u0301\u0302\u0303") == "a\u0301\u0302\u0303");  // 7 bytes
  CHECK(applied(charsmap, "bc") == "bc");  // no cluster holds both
  CHECK(applied(charsmap, "\r\n\r") == "\n\r");
  CHECK(applied(charsmap, "x\u200By\u2049") == "xy!?");
}

TEST_CASE("charsmap: what is deleted at the begin moves the places behind it", "[text][charsmap]") {
  const Charsmap charsmap(make_charsmap(kReplacements), "model");
  text::Characters characters = text::characters_of("\u200Bab");
  charsmap.apply(characters);
  REQUIRE(characters.size() == 2);
  CHECK(characters[0] == NormalizedCharacter{'a', 0, 3});  // as in the package `tokenizers`
  CHECK(characters[1] == NormalizedCharacter{'b', 3, 4});
  characters = text::characters_of("a\u200Bb\u2049c");
  charsmap.apply(characters);
  REQUIRE(characters.size() == 5);
  CHECK(characters[1] == NormalizedCharacter{'b', 4, 5});
  CHECK(characters[3] == NormalizedCharacter{'?', 5, 8});
  CHECK(characters[4] == NormalizedCharacter{'c', 8, 9});
}

TEST_CASE("charsmap: tables that reach out of their bytes are refused",
          "[text][charsmap][robustness]") {
  const std::string whole = make_charsmap(kReplacements);
  CHECK_THROWS_AS(Charsmap("", "model"), FormatError);
  CHECK_THROWS_AS(Charsmap(std::string(4, '\0'), "model"), FormatError);
  for (std::size_t size = 0; size < whole.size(); size += 37) {
    try {
      applied(Charsmap(whole.substr(0, size), "model"), "A\u0301bc\u200B\u2049");
    } catch (const FormatError&) {
    }
  }
  // Any unit with any bits.
  for (std::size_t at = 4; at < whole.size(); at += 4) {
    for (const std::uint32_t bits : {0xFFFFFFFFU, 0x7FFFFFFFU, 0x1FFU, 0x700U, 0x7FFFFE41U}) {
      std::string changed = whole;
      if (changed.size() - at < 4) break;
      std::memcpy(changed.data() + at, &bits, sizeof(bits));
      try {
        applied(Charsmap(changed, "model"), "A\u0301bc\u200B\u2049");
      } catch (const FormatError&) {
      }
      if (at > 2048) break;
    }
  }
}
