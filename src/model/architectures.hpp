#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "files/json_fields.hpp"
#include "polytag/encoders/encoder_config.hpp"
#include "polytag/heads/cls_dense_config.hpp"

namespace polytag {

/// Everything that tells one architecture of Hugging Face's from another. To add one, add its row.
struct Architecture {
  std::string_view model_type;  ///< as in config.json
  std::string_view class_name;  ///< beginning of its classes' names in transformers
  /// The scope of the encoder in a classification model, `base_model_prefix` in transformers.
  std::string_view prefix;
  /// Reads and checks the encoder's keys of config.json. @throws ConfigError
  EncoderConfig (*read)(const ConfigReader& config);
  /// The layers that ForSequenceClassification puts on [CLS].
  ClsTransform classifier_transform;
  std::string classifier;
  /// The dense layer on [CLS] that other heads read, where there is one.
  std::optional<ClsTransform> pooler;
  /// Reads the keys that shape the two transforms; null: there are none. @throws ConfigError
  void (*read_transform)(const ConfigReader& config, ClsTransform& transform) = nullptr;
  /// Whether config.json puts the classifier on the mean of all rows; null: it never does.
  /// @throws ConfigError
  bool (*pools_mean)(const ConfigReader& config) = nullptr;
};

std::span<const Architecture> architectures();

/// @throws ConfigError if `model_type` is missing or unknown, listing those that are known
const Architecture& read_architecture(const ConfigReader& config);
/// The architecture of a `model_type`, or null.
const Architecture* find_architecture(std::string_view model_type);
/// @param model_type  of one that is known
const Architecture& architecture_of(std::string_view model_type);

}  // namespace polytag
