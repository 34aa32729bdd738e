#pragma once

#include <memory>

#include "polytag/classifier.hpp"
#include "polytag/model/linear_model.hpp"

namespace polytag {

/// A classifier that needs no encoder. Its scores are sigmoids of the logits, so that 0.5 is where
/// the logit is 0; an encoded text is its known terms.
std::unique_ptr<MultiLabelClassifier> make_linear_classifier(LinearModel model,
                                                             const LoadOptions& options);

}  // namespace polytag
