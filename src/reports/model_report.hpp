#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polytag/classifier.hpp"
#include "polytag/model/model_directory.hpp"

namespace polytag {

/// What a model directory says before its weights are read: encoder, excluded labels, tokenizer,
/// weights and files.
nlohmann::ordered_json directory_json(const ModelDirectory& model);

/// What a model is: architecture, head, labels, decision policy, and what its directory says.
/// @param directory  what directory_json() gave of the directory that the classifier was loaded from
nlohmann::ordered_json model_json(nlohmann::ordered_json directory,
                                  const MultiLabelClassifier& classifier);

/// The same for people.
/// @param report  what model_json() gave
std::string model_table(const nlohmann::ordered_json& report);

}  // namespace polytag
