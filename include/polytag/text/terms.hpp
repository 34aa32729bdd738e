#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// Gives the terms of a text, from first to last, to take(term): its words in lower case, and every
/// two words that follow one another with a blank between them. A word is a run of two or more
/// letters, digits, marks and underscores, as scikit-learn's CountVectorizer finds them; but a CJK
/// ideograph is a word by itself, and three of them in a row are a term, too.
/// Bytes that are not UTF-8 separate words.
POLYTAG_EXPORT void for_each_term(std::string_view text,
                                  const std::function<void(std::string_view)>& take);

}  // namespace polytag
