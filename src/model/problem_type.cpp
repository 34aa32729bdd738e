#include "model/problem_type.hpp"

#include "polytag/error.hpp"

namespace polytag {

void check_given_problem_type(const std::string& type, const LabelVocabulary& labels) {
  const bool known = type.empty() || is_problem_type(type);
  if (known && !is_softmax_of_one(type, labels)) return;
  throw ArgumentError::mismatch("problem_type", known ? kProblemTypesOfOneLabel : kProblemTypes,
                                "\"" + type + "\"");
}

}  // namespace polytag
