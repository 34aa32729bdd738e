#include <memory>

#include "polytag/classifier.hpp"
#include "polytag/model/model_directory.hpp"

namespace polytag {

std::unique_ptr<MultiLabelClassifier> load_classifier(const std::string& directory,
                                                      const LoadOptions& options) {
  return options.backend.make(open_model_directory(directory), options);
}

}  // namespace polytag
