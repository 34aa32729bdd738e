#pragma once

#include <string>
#include <string_view>

#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

inline constexpr std::string_view kMultiLabel = "multi_label_classification";
inline constexpr std::string_view kSingleLabel = "single_label_classification";

inline constexpr std::string_view kProblemTypes =
    "\"multi_label_classification\" or \"single_label_classification\"";
inline constexpr std::string_view kProblemTypesOfOneLabel =
    "\"multi_label_classification\" for a model with one label, or two labels";

inline bool is_problem_type(std::string_view type) {
  return type == kMultiLabel || type == kSingleLabel;
}

/// A softmax over one score is 1 for every text; Hugging Face refuses it, too.
inline bool is_softmax_of_one(std::string_view type, const LabelVocabulary& labels) {
  return type == kSingleLabel && labels.size() == 1;
}

/// Checks a problem type that a caller gives, not config.json; an empty one is as good as none.
/// @throws ArgumentError if it is unknown or does not fit the labels
void check_given_problem_type(const std::string& type, const LabelVocabulary& labels);

}  // namespace polytag
