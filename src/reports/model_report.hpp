#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polytag/classifier.hpp"
#include "polytag/model/linear_model.hpp"
#include "polytag/model/model_directory.hpp"

namespace polytag {

/// What a model is: architecture, head, labels, decision policy, tokenizer, weights and files.
/// @param model  the directory that the classifier was loaded from
nlohmann::ordered_json model_json(const ModelDirectory& model,
                                  const MultiLabelClassifier& classifier);

/// The same for people.
/// @param report  what model_json() gave
std::string model_table(const nlohmann::ordered_json& report);

/// The same two of a model without an encoder.
nlohmann::ordered_json linear_model_json(const LinearModel& model);
std::string linear_model_table(const nlohmann::ordered_json& report);

}  // namespace polytag
