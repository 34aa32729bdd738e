#include "text/decomposition.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/unicode.hpp"

namespace polytag::text {
namespace {

void sort_by_class(DecomposedCharacter* begin, DecomposedCharacter* end,
                   std::vector<DecomposedCharacter>& scratch) {
  const auto precedes = [](const DecomposedCharacter& a, const DecomposedCharacter& b) {
    return a.combining_class < b.combining_class;
  };
  if (std::is_sorted(begin, end, precedes)) return;
  std::array<std::size_t, 257> starts{};
  for (const auto* at = begin; at != end; ++at) ++starts[at->combining_class + std::size_t{1}];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  scratch.assign(begin, end);
  for (const DecomposedCharacter& character : scratch) {
    begin[starts[character.combining_class]++] = character;
  }
}

}  // namespace

std::vector<DecomposedCharacter> decompose(const std::vector<NormalizedCharacter>& characters,
                                           Decomposition decomposition, BasicTokenizer rules) {
  std::vector<DecomposedCharacter> decomposed;
  decomposed.reserve(characters.size());
  const auto append = [&](const auto& parts) {
    bool first = true;
    for (const char32_t part : parts) {
      decomposed.push_back({part, combining_class(part, rules), first});
      first = false;
    }
  };
  for (const NormalizedCharacter& character : characters) {
    if (decomposition == Decomposition::kCanonical) {
      append(decompose(character.code_point, rules));
    } else {
      append(decompose_compatibly(character.code_point));
    }
  }
  std::vector<DecomposedCharacter> scratch;
  const auto is_starter = [](const DecomposedCharacter& c) { return c.combining_class == 0; };
  for (auto at = decomposed.begin(); at != decomposed.end();) {
    const auto run = std::find_if_not(at, decomposed.end(), is_starter);
    at = std::find_if(run, decomposed.end(), is_starter);
    if (at - run > 1) sort_by_class(&*run, &*run + (at - run), scratch);
  }
  return decomposed;
}

}  // namespace polytag::text
