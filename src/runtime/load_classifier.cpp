#include <memory>
#include <utility>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/model/linear_model.hpp"
#include "polytag/model/model_directory.hpp"
#include "runtime/linear_classifier.hpp"

namespace polytag {

std::unique_ptr<MultiLabelClassifier> load_classifier(ModelDirectory model,
                                                      const LoadOptions& options) {
  if (model.config.problem_type.empty()) {
    throw ConfigError::missing(
        model.config.file, "problem_type",
        "\"multi_label_classification\" (a sigmoid for each label) or "
        "\"single_label_classification\" (one softmax over all labels), here or when the model is "
        "loaded, since the weights do not tell which");
  }
  return options.backend.make(std::move(model), options);
}

std::unique_ptr<MultiLabelClassifier> load_classifier(const std::string& directory,
                                                      const LoadOptions& options) {
  if (is_linear_model(directory)) {
    return make_linear_classifier(read_linear_model(directory), options);
  }
  return load_classifier(open_model_directory(directory, options.problem_type), options);
}

}  // namespace polytag
