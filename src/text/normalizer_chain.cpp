#include "text/normalizer_chain.hpp"

#include <algorithm>
#include <cstddef>

#include "text/byte_level.hpp"
#include "text/character_changes.hpp"
#include "text/decomposition.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

// Composition of what stands in canonical order (Unicode 15.0, section 3.11, D117).
std::vector<CharacterChange> compose_all(const std::vector<DecomposedCharacter>& decomposed) {
  std::vector<CharacterChange> changes;
  std::optional<std::size_t> starter;
  std::uint8_t last_class = 0;
  for (const DecomposedCharacter& character : decomposed) {
    const std::ptrdiff_t change = character.first ? 0 : 1;
    if (starter) {
      const bool adjacent = *starter + 1 == changes.size();
      CharacterChange& base = changes[*starter];
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
  std::vector<CharacterChange> changes;
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
void apply_step(const Replacement& replace, Characters& characters) {
  IndexedUtf8 text;
  text.assign(characters, 0, characters.size());
  auto found = replace.pattern.find(text.bytes, 0);
  if (!found) return;
  Characters replaced;
  std::size_t at = 0;
  const auto keep_up_to = [&](std::size_t end) {
    replaced.insert(replaced.end(), characters.begin() + static_cast<std::ptrdiff_t>(at),
                    characters.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (; found; found = replace.pattern.find(text.bytes, found->end)) {
    keep_up_to(text.character_of[found->begin]);
    at = text.character_of[found->end];
    const NormalizedCharacter& last = characters[at - 1];
    for (const NormalizedCharacter& character : replace.content) {
      replaced.push_back({character.code_point, last.begin, last.end});
    }
  }
  keep_up_to(characters.size());
  characters = std::move(replaced);
}

void apply_step(const PrependText& prepend, Characters& characters) {
  if (characters.empty()) return;
  Characters content = characters_of(prepend.content);
  for (NormalizedCharacter& character : content) {
    character.begin = characters.front().begin;
    character.end = characters.front().end;
  }
  characters.insert(characters.begin(), content.begin(), content.end());
}

void apply_step(const Charsmap& charsmap, Characters& characters) { charsmap.apply(characters); }

void apply_step(NmtCleaning, Characters& characters) {
  std::erase_if(characters, [](const NormalizedCharacter& character) {
    const char32_t c = character.code_point;
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
  });
  for (NormalizedCharacter& character : characters) {
    const char32_t c = character.code_point;
    const bool is_space = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                          (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
                          c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
    if (is_space) character.code_point = ' ';
  }
}

void apply_step(ByteLevelAlphabet, Characters& characters) {
  Characters bytes;
  append_byte_characters(characters, 0, characters.size(), bytes);
  characters = std::move(bytes);
}

/// Makes of a step what it needs for every text.
struct Compile {
  std::string_view file;
  NormalizerChain::Step operator()(const ReplaceText& step) const {
    return Replacement{PatternMatcher(step.pattern), characters_of(step.content)};
  }
  NormalizerChain::Step operator()(const PrecompiledCharsmap& step) const {
    return Charsmap(step.bytes, file);
  }
  template <class Other>
  NormalizerChain::Step operator()(const Other& step) const {
    return step;
  }
};

}  // namespace

NormalizerChain::NormalizerChain(const std::vector<NormalizerStep>& steps, std::string_view file) {
  for (const NormalizerStep& step : steps) steps_.push_back(std::visit(Compile{file}, step));
}

void NormalizerChain::apply(Characters& characters) const {
  for (const Step& step : steps_) {
    std::visit([&](const auto& known) { apply_step(known, characters); }, step);
  }
}

bool NormalizerChain::works_in_parts() const {
  return std::ranges::all_of(steps_, [](const Step& step) {
    return std::holds_alternative<BertNormalizerOptions>(step) ||
           std::holds_alternative<UnicodeForm>(step) || std::holds_alternative<Lowercase>(step) ||
           std::holds_alternative<StripAccents>(step) || std::holds_alternative<NmtCleaning>(step);
  });
}

std::size_t NormalizerChain::most_characters_per_byte() const {
  // U+1F82 is four characters in three bytes when it is decomposed, U+FDFA eighteen by its
  // compatibility, which the charsmaps of SentencePiece follow; nobody decomposes what is
  // decomposed.
  std::size_t of_forms = 1, of_texts = 1;
  for (const Step& step : steps_) {
    if (const auto* form = std::get_if<UnicodeForm>(&step)) {
      const bool canonical = *form == UnicodeForm::kNfc || *form == UnicodeForm::kNfd;
      of_forms = std::max<std::size_t>(of_forms, canonical ? 2 : 6);
    } else if (std::holds_alternative<Charsmap>(step)) {
      of_forms = std::max<std::size_t>(of_forms, 6);
    } else if (std::holds_alternative<BertNormalizerOptions>(step)) {
      of_forms = std::max<std::size_t>(of_forms, 2);
    } else if (const auto* replace = std::get_if<Replacement>(&step)) {
      of_texts *= 1 + replace->content.size();
    } else if (const auto* prepend = std::get_if<PrependText>(&step)) {
      of_texts *= 1 + prepend->content.size();
    } else if (std::holds_alternative<ByteLevelAlphabet>(step) && of_forms * of_texts > 1) {
      of_texts *= 4;  // the bytes of a character
    }
  }
  return of_forms * of_texts;
}

}  // namespace polytag::text
