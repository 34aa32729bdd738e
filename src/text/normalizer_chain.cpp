#include "text/normalizer_chain.hpp"

#include <algorithm>
#include <cstddef>

#include "text/decomposition.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

// A character of the text that is being made: 0 stands for one character of the old text, 1 for
// none (it was inserted), -n for one and the n behind it.
struct Change {
  char32_t code_point;
  std::ptrdiff_t change;
};

// What is inserted has the offsets of the character before it.
void apply_changes(const std::vector<Change>& changes, Characters& characters) {
  Characters changed;
  changed.reserve(changes.size());
  std::ptrdiff_t at = 0;
  for (const Change& change : changes) {
    const auto index =
        static_cast<std::size_t>(change.change > 0 ? std::max<std::ptrdiff_t>(at, 1) - 1 : at);
    changed.push_back({change.code_point, characters[index].begin, characters[index].end});
    if (change.change <= 0) at += 1 - change.change;
  }
  characters = std::move(changed);
}

// Composition of what stands in canonical order (Unicode 15.0, section 3.11, D117).
std::vector<Change> compose_all(const std::vector<DecomposedCharacter>& decomposed) {
  std::vector<Change> changes;
  std::optional<std::size_t> starter;
  std::uint8_t last_class = 0;
  for (const DecomposedCharacter& character : decomposed) {
    const std::ptrdiff_t change = character.first ? 0 : 1;
    if (starter) {
      const bool adjacent = *starter + 1 == changes.size();
      Change& base = changes[*starter];
      if (adjacent || last_class < character.combining_class) {
        if (const char32_t composite = compose(base.code_point, character.code_point)) {
          base = {composite, base.change + change - 1};
          continue;
        }
      }
    }
    if (character.combining_class == 0) starter = changes.size();
    last_class = character.combining_class;
    changes.push_back({character.code_point, change});
  }
  return changes;
}

void apply_step(UnicodeForm form, Characters& characters) {
  const bool canonical = form == UnicodeForm::kNfc || form == UnicodeForm::kNfd;
  const auto decomposed =
      decompose(characters, canonical ? Decomposition::kCanonical : Decomposition::kCompatible,
                BasicTokenizer::kHuggingFace);
  if (form == UnicodeForm::kNfc || form == UnicodeForm::kNfkc) {
    return apply_changes(compose_all(decomposed), characters);
  }
  std::vector<Change> changes;
  changes.reserve(decomposed.size());
  for (const DecomposedCharacter& character : decomposed) {
    changes.push_back({character.code_point, character.first ? 0 : 1});
  }
  apply_changes(changes, characters);
}

void apply_step(const BertNormalizerOptions& options, Characters& characters) {
  BertNormalizer(options).normalize(characters);
}

void apply_step(Lowercase, Characters& characters) {
  Characters lowered;
  lowered.reserve(characters.size());
  for (const NormalizedCharacter& character : characters) {
    for (const char32_t part : to_lower(character.code_point, BasicTokenizer::kHuggingFace)) {
      lowered.push_back({part, character.begin, character.end});
    }
  }
  characters = std::move(lowered);
}

void apply_step(StripAccents, Characters& characters) {
  std::erase_if(characters, [](const NormalizedCharacter& character) {
    return is_combining_mark(character.code_point);
  });
}

void apply_step(const StripWhiteSpace& strip, Characters& characters) {
  const auto is_kept = [](const NormalizedCharacter& character) {
    return !is_white_space(character.code_point);
  };
  if (strip.right) {
    characters.erase(std::find_if(characters.rbegin(), characters.rend(), is_kept).base(),
                     characters.end());
  }
  if (strip.left) {
    characters.erase(characters.begin(),
                     std::find_if(characters.begin(), characters.end(), is_kept));
  }
}

// The content has the offsets of the last character that it stands for.
void apply_step(const ReplaceText& replace, Characters& characters) {
  const Characters pattern = characters_of(replace.pattern);
  const Characters content = characters_of(replace.content);
  Characters replaced;
  const auto same = [](const NormalizedCharacter& a, const NormalizedCharacter& b) {
    return a.code_point == b.code_point;
  };
  for (auto at = characters.begin(); at != characters.end();) {
    const auto found = std::search(at, characters.end(), pattern.begin(), pattern.end(), same);
    replaced.insert(replaced.end(), at, found);
    if (found == characters.end()) break;
    at = found + static_cast<std::ptrdiff_t>(pattern.size());
    const NormalizedCharacter& last = *(at - 1);
    for (const NormalizedCharacter& character : content) {
      replaced.push_back({character.code_point, last.begin, last.end});
    }
  }
  characters = std::move(replaced);
}

}  // namespace

void NormalizerChain::apply(Characters& characters) const {
  for (const NormalizerStep& step : steps_) {
    std::visit([&](const auto& known) { apply_step(known, characters); }, step);
  }
}

bool NormalizerChain::works_in_parts() const {
  return std::ranges::none_of(steps_, [](const NormalizerStep& step) {
    return std::holds_alternative<StripWhiteSpace>(step) ||
           std::holds_alternative<ReplaceText>(step);
  });
}

std::size_t NormalizerChain::most_characters_per_byte() const {
  // U+1F82 is four characters in three bytes when it is decomposed, U+FDFA eighteen by its
  // compatibility; nobody decomposes what is decomposed.
  std::size_t of_forms = 1, of_texts = 1;
  for (const NormalizerStep& step : steps_) {
    if (const auto* form = std::get_if<UnicodeForm>(&step)) {
      const bool canonical = *form == UnicodeForm::kNfc || *form == UnicodeForm::kNfd;
      of_forms = std::max<std::size_t>(of_forms, canonical ? 2 : 6);
    } else if (std::holds_alternative<BertNormalizerOptions>(step)) {
      of_forms = std::max<std::size_t>(of_forms, 2);
    } else if (const auto* replace = std::get_if<ReplaceText>(&step)) {
      of_texts *= 1 + replace->content.size() / replace->pattern.size();
    }
  }
  return of_forms * of_texts;
}

}  // namespace polytag::text
