#include "polytag/labels/decision_policy.hpp"

#include <limits>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

std::vector<std::size_t> chosen(const std::vector<float>& scores, const DecisionPolicy& policy,
                                const std::vector<std::size_t>& excluded = {}) {
  std::vector<std::size_t> indices;
  for (const LabelScore& label : decide({scores, {}, 0}, policy, excluded)) {
    indices.push_back(label.index);
  }
  return indices;
}

using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("decide: scores that reach the threshold, best first, ties by index", "[labels]") {
  CHECK(chosen({0.5F, 0.9F, 0.49F, 0.9F}, {}) == Indices{1, 3, 0});
  CHECK(chosen({0.5F, 0.9F}, {.threshold = 0.95F}).empty());
  CHECK(chosen({}, {.at_least_one = true}).empty());
}

TEST_CASE("decide: a label's own threshold replaces the shared one", "[labels]") {
  DecisionPolicy policy;
  policy.label_thresholds = {0.9F, 0.1F};
  CHECK(chosen({0.8F, 0.2F}, policy) == Indices{1});
}

TEST_CASE("decide: top_k cuts what reached its threshold", "[labels]") {
  DecisionPolicy policy;
  policy.top_k = 2;
  CHECK(chosen({0.6F, 0.7F, 0.8F, 0.1F}, policy) == Indices{2, 1});
  CHECK(chosen({0.6F, 0.1F, 0.1F, 0.1F}, policy) == Indices{0});
}

TEST_CASE("decide: at_least_one adds the best label where none was chosen", "[labels]") {
  DecisionPolicy policy;
  policy.at_least_one = true;
  CHECK(chosen({0.1F, 0.3F, 0.3F}, policy) == Indices{1});
  CHECK(chosen({0.1F, 0.3F, 0.8F}, policy) == Indices{2});
  CHECK(chosen({0.1F, 0.3F}, policy, {1}) == Indices{0});
  CHECK(chosen({0.9F}, policy, {0}).empty());
}

TEST_CASE("decide: excluded labels are never chosen", "[labels]") {
  CHECK(chosen({0.9F, 0.8F, 0.7F}, {}, {0, 2}) == Indices{1});
}

TEST_CASE("decision_policy: fields out of range are errors that name them", "[labels]") {
  const auto fails = [](const DecisionPolicy& policy, const char* words) {
    CHECK_THROWS_AS(policy.validate(2), ArgumentError);
    CHECK_THROWS_WITH(policy.validate(2), ContainsSubstring(words));
  };
  fails({.threshold = 1.5F}, "threshold");
  fails({.threshold = std::numeric_limits<float>::quiet_NaN()}, "threshold");
  fails({.label_thresholds = {0.5F}}, "one per label");
  fails({.label_thresholds = {0.5F, -0.1F}}, "label 1");
  fails({.top_k = 0}, "top_k");
  CHECK_NOTHROW(DecisionPolicy{}.validate(0));
}

TEST_CASE("decide: the best sequence decides, whatever the scores, if it is asked to", "[labels]") {
  const TextScores text{{0.9F, 0.2F, 0.4F, 0.8F}, {{{2, 1, 2}, {}, -0.1}, {{3}, {}, -2.0}}, 0};
  const auto decided = [&](const DecisionPolicy& policy, const std::vector<std::size_t>& excluded) {
    Indices indices;
    for (const LabelScore& label : decide(text, policy, excluded)) indices.push_back(label.index);
    return indices;
  };
  DecisionPolicy policy;
  CHECK(decided(policy, {}) == Indices{0, 3});
  policy.best_sequence = true;
  CHECK(decided(policy, {}) == Indices{2, 1});  // each once, best first
  CHECK(decided(policy, {2}) == Indices{1});
  CHECK(decided(policy, {1, 2}).empty());
  policy.at_least_one = true;
  CHECK(decided(policy, {1, 2}) == Indices{0});
  policy.top_k = 1;
  CHECK(decided(policy, {}) == Indices{2});
}

TEST_CASE("decide: a text without a sequence is decided by its thresholds", "[labels]") {
  CHECK(chosen({0.6F, 0.2F}, {.best_sequence = true}) == Indices{0});
}
