#include "polytag/text/terms.hpp"

#include <array>
#include <string>

#include "core/utf8.hpp"
#include "text/unicode.hpp"

namespace polytag {

namespace {

using text::is_chinese;
using text::is_word_character;
using text::to_lower;

constexpr BasicTokenizer kRules = BasicTokenizer::kHuggingFace;

/// Puts words together to terms.
class TermMaker {
 public:
  explicit TermMaker(const std::function<void(std::string_view)>& take) : take_(take) {}

  void add(char32_t code_point, bool valid) {
    if (valid && is_chinese(code_point, kRules)) {
      end_word();
      append_utf8(word_, code_point);
      emit(true);
      return;
    }
    if (!valid || !is_word_character(code_point)) {
      end_word();
      return;
    }
    for (const char32_t lower : to_lower(code_point, kRules)) append_utf8(word_, lower);
    ++characters_;
  }

  void end_word() {
    if (characters_ > 1) emit(false);
    word_.clear();
    characters_ = 0;
  }

 private:
  struct Word {
    std::string text;
    bool ideograph = false;
  };

  void emit(bool ideograph) {
    take_(word_);
    if (!last_.text.empty()) {
      term_.assign(last_.text).append(" ").append(word_);
      take_(term_);
    }
    if (ideograph && last_.ideograph && before_.ideograph) {
      term_.assign(before_.text).append(" ").append(last_.text).append(" ").append(word_);
      take_(term_);
    }
    before_ = std::move(last_);
    last_ = {std::move(word_), ideograph};
    word_.clear();
  }

  const std::function<void(std::string_view)>& take_;
  std::string word_, term_;
  std::size_t characters_ = 0;
  Word last_, before_;
};

}  // namespace

void for_each_term(std::string_view text, const std::function<void(std::string_view)>& take) {
  TermMaker maker(take);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const DecodedCharacter character = decode_utf8(at, end);
    maker.add(character.code_point, character.valid);
    at += character.length;
  }
  maker.end_word();
}

}  // namespace polytag
