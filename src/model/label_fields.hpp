#pragma once

#include "files/json_fields.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

// The keys of config.json that are about labels, of whatever model.
// @throws ConfigError naming the key

/// `id2label`, or `num_labels`. @param config  the root of config.json
LabelVocabulary read_labels(const ConfigReader& config);

/// `threshold`, `thresholds`, `top_k`, `at_least_one`. @param polytag  the object of that name
DecisionPolicy read_decision_policy(const ConfigReader& polytag, const LabelVocabulary& labels);

}  // namespace polytag
