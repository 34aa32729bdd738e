#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polytag/classifier.hpp"
#include "polytag/model/linear_model.hpp"
#include "polytag/model/model_directory.hpp"

namespace polytag {

/// The part of the report that needs no loaded model: encoder, excluded labels, tokenizer, weights
/// and files.
nlohmann::ordered_json directory_json(const ModelDirectory& model);

/// The whole report: architecture, head, labels, decision policy, and the directory's part.
/// @param directory  directory_json() of the directory that the classifier was loaded from
nlohmann::ordered_json model_json(nlohmann::ordered_json directory,
                                  const MultiLabelClassifier& classifier);

/// The same for people.
/// @param report  what model_json() gave
std::string model_table(const nlohmann::ordered_json& report);

/// The same two of a model without an encoder.
nlohmann::ordered_json linear_model_json(const LinearModel& model);
std::string linear_model_table(const nlohmann::ordered_json& report);

}  // namespace polytag
