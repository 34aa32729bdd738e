#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/record.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

/// A field that holds labels, parsed before the form of the labels is known.
struct LabelCell {
  enum class Kind {
    kNone,   ///< empty, null, NaN: no labels
    kText,   ///< one string, of one label or of several
    kItems,  ///< a list, or a single number
    kWrong,  ///< anything else
  };

  Kind kind = Kind::kNone;
  std::string text;               ///< of kText, without white space around it
  std::vector<FieldValue> items;  ///< of kItems: strings, numbers, booleans, null, NaN
};

/// A string that looks like a list is one, and "nan" and its kin are nothing, unless a label has
/// that name.
LabelCell label_cell(const FieldValue& value, const LabelVocabulary& labels);

/// The words of a line that begin with "__label__", as a list of names, and the text without them.
/// Words are separated by white space, as fastText separates them.
LabelCell take_fasttext_labels(std::string& line);

/// The value of a 0/1 field, kMissing for an empty one; nullopt if the field is of another kind.
enum class Flag { kNo, kYes, kMissing };
std::optional<Flag> flag_of(const FieldValue& value);

/// The text without white space at its ends.
std::string_view stripped(std::string_view text) noexcept;

/// The parts between delimiters, without white space around them; empty ones are left out.
std::vector<FieldValue> split_labels(std::string_view text, char delimiter);

/// A whole number that is not negative, as in "3", or "3.0", which pandas makes of it.
std::optional<std::size_t> whole_number(std::string_view text);

}  // namespace polytag
