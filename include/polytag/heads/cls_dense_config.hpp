#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "polytag/export.hpp"
#include "polytag/heads/label_activation.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// The dense layer between the [CLS] hidden state and a classifier: the pooler of BERT and ALBERT
/// (tanh), the pre_classifier of DistilBERT (relu), the classifier.dense of ELECTRA (gelu).
struct ClsTransform {
  std::string name;
  bool in_encoder = false;  ///< whether the name is one of the encoder's scope
  Activation activation = Activation::kTanh;
  bool has_bias = true;
  std::string norm = {};  ///< name of a layer norm behind the activation; empty: none
  bool norm_has_bias = true;
  float norm_eps = 1e-5F;
};

struct POLYTAG_EXPORT ClsDenseConfig {
  static constexpr std::string_view kName = "cls_dense";

  std::size_t hidden_size = 0;
  std::size_t num_labels = 0;
  ClsTransform transform;
  std::string classifier = "classifier";  ///< name of the dense layer [labels, hidden]
  LabelActivation activation = LabelActivation::kSigmoid;

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

/// The same on the mean of all hidden states of a text in the place of its [CLS] state.
struct MeanClassifierConfig : ClsDenseConfig {};

}  // namespace polytag
