#include "text/composed_text.hpp"

#include "core/utf8.hpp"
#include "text/characters.hpp"
#include "text/normalizer_chain.hpp"
#include "text/unicode.hpp"

namespace polytag::text {
namespace {

constexpr auto kRules = BasicTokenizer::kHuggingFace;

/// Conjoining vowels and final consonants, which syllables absorb.
bool is_conjoining(char32_t c) { return c >= 0x1100 && c <= 0x11FF; }
bool is_syllable(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char byte : text) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

}  // namespace

ComposedText::ComposedText(bool composes) : composes_(composes) {
  if (!composes) return;
  stable_.resize(kListed);
  const NormalizerChain composition({UnicodeForm::kNfc});
  for (char32_t c = 0; c < kListed; ++c) {
    if (is_combining_mark(c) || is_conjoining(c) || combining_class(c, kRules) != 0) continue;
    if (is_syllable(c) || decompose(c, kRules) == CharacterSequence{{c}, 1}) {
      stable_[c] = true;
      continue;
    }
    Characters composed{{c, 0, 1}};
    composition.apply(composed);
    stable_[c] = composed.size() == 1 && composed.front().code_point == c;
  }
}

bool ComposedText::is_stable(std::string_view text) const {
  if (is_ascii(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode_utf8(text.data() + at, text.data() + text.size());
    if (!decoded.valid) return false;
    const char32_t c = decoded.code_point;
    if (composes_ && (c >= kListed || !stable_[c])) return false;
    at += decoded.length;
  }
  return true;
}

}  // namespace polytag::text
