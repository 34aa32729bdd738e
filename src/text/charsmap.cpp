#include "text/charsmap.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#include "polytag/error.hpp"
#include "text/character_changes.hpp"
#include "text/grapheme_clusters.hpp"

namespace polytag::text {
namespace {

constexpr std::size_t kUnit = sizeof(std::uint32_t);

// A unit of the double array. One that ends a key holds its value alone, under the highest bit.
bool is_value(std::uint32_t unit) { return (unit >> 31) != 0; }
std::uint32_t value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
bool ends_a_key(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t label(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }

/// The bytes of a few characters.
struct ShortText {
  std::array<char, 8> bytes;
  std::size_t size = 0;
  operator std::string_view() const { return {bytes.data(), size}; }
};

/// The text of characters that have fewer than 6 bytes together, or of a single one.
ShortText short_text(const Characters& characters, std::size_t begin, std::size_t end) {
  ShortText text;
  std::string utf8;
  for (std::size_t at = begin; at < end; ++at) append_utf8(utf8, characters[at].code_point);
  text.size = utf8.size();
  std::memcpy(text.bytes.data(), utf8.data(), utf8.size());
  return text;
}

/// `replaced` characters become a replacement. The last ones of a longer one are inserted; what a
/// shorter one lacks belongs to the character before, and is lost where there is none.
void put(std::vector<CharacterChange>& changes, std::size_t replaced,
         std::string_view replacement) {
  const std::size_t before = changes.size();
  for (const NormalizedCharacter& character : characters_of(replacement)) {
    changes.push_back({character.code_point, 0});
  }
  const std::size_t made = changes.size() - before;
  for (std::size_t more = replaced; more < made; ++more) {
    changes[changes.size() - 1 - (more - replaced)].change = 1;
  }
  if (made < replaced && !changes.empty()) {
    changes.back().change -= static_cast<std::ptrdiff_t>(replaced - made);
  }
}

}  // namespace

Charsmap::Charsmap(std::string_view bytes, std::string_view file) {
  const auto refuse = [&](std::string_view expected, std::size_t found) {
    return FormatError::mismatch(file, "precompiled_charsmap", expected, std::to_string(found));
  };
  std::uint32_t size = 0;
  if (bytes.size() < kUnit) throw refuse("4 bytes or more", bytes.size());
  std::memcpy(&size, bytes.data(), kUnit);
  bytes.remove_prefix(kUnit);
  if (size == 0 || size % kUnit != 0 || size > bytes.size()) {
    throw refuse("a double array of at most " + std::to_string(bytes.size()) + " bytes", size);
  }
  units_.resize(size / kUnit);
  std::memcpy(units_.data(), bytes.data(), size);
  replacements_ = bytes.substr(size);
  for (std::size_t at = 0; at < replacements_.size();) {
    const auto decoded =
        decode_utf8(replacements_.data() + at, replacements_.data() + replacements_.size());
    if (!decoded.valid) throw refuse("replacements in UTF-8", at);
    at += decoded.length;
  }
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    if (is_value(units_[unit]) || !ends_a_key(units_[unit])) continue;
    const std::size_t leaf = unit ^ offset(units_[unit]);
    if (leaf >= units_.size()) throw refuse("values inside the double array", leaf);
    const std::size_t begin = value(units_[leaf]);
    if (begin >= replacements_.size()) {
      throw refuse("values inside of " + std::to_string(replacements_.size()) + " bytes", begin);
    }
    if ((static_cast<unsigned char>(replacements_[begin]) & 0xC0) == 0x80) {
      throw refuse("values that begin characters", begin);
    }
  }
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const {
  std::size_t at = offset(units_[0]);
  for (const char byte : text) {
    const std::uint32_t key = static_cast<unsigned char>(byte);
    at ^= key;
    if (key == 0 || at >= units_.size() || label(units_[at]) != key) return std::nullopt;
    const std::uint32_t unit = units_[at];
    at ^= offset(unit);
    if (!ends_a_key(unit)) continue;
    const char* const begin = replacements_.data() + value(units_[at]);
    return std::string_view(begin);  // the string ends with a zero, if no replacement does
  }
  return std::nullopt;
}

void Charsmap::apply(Characters& characters) const {
  std::vector<CharacterChange> changes;
  changes.reserve(characters.size());
  bool changed = false;
  const auto replace = [&](std::size_t begin, std::size_t end) {
    const auto found = find(short_text(characters, begin, end));
    if (!found) return false;
    put(changes, end - begin, *found);
    return changed = true;
  };
  constexpr std::size_t kMostBytes = 5;
  for (std::size_t begin = 0; begin < characters.size();) {
    const GraphemeCluster cluster = cluster_at(characters, begin);
    const bool is_whole = cluster.bytes <= kMostBytes && replace(begin, cluster.end);
    for (std::size_t at = begin; at < cluster.end && !is_whole; ++at) {
      if (!replace(at, at + 1)) changes.push_back({characters[at].code_point, 0});
    }
    begin = cluster.end;
  }
  if (changed) apply_changes(changes, characters);
}

}  // namespace polytag::text
