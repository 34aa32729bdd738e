#include <memory>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/model/linear_model.hpp"
#include "polytag/model/model_directory.hpp"
#include "runtime/linear_classifier.hpp"

namespace polytag {

namespace {

ModelDirectory open_for_classification(const std::string& directory,
                                       const std::string& problem_type) {
  ModelDirectory model = open_model_directory(directory, problem_type);
  if (model.config.problem_type.empty()) {
    throw ConfigError::missing(
        model.config.file, "problem_type",
        "\"multi_label_classification\" (a sigmoid for each label) or "
        "\"single_label_classification\" (one softmax over all labels), here or when the model is "
        "loaded, since the weights do not tell which");
  }
  return model;
}

}  // namespace

std::unique_ptr<MultiLabelClassifier> load_classifier(const std::string& directory,
                                                      const LoadOptions& options) {
  if (is_linear_model(directory)) {
    return make_linear_classifier(read_linear_model(directory), options);
  }
  return options.backend.make(open_for_classification(directory, options.problem_type), options);
}

}  // namespace polytag
