#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convert/names/name_rules.hpp"
#include "convert/names/tensor_names.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Names of TensorFlow's BERT and ALBERT, and of heads on them.
class TensorFlowNames final : public TensorNames {
 public:
  /// @param scope  of the encoder in its graph, as in "bert/"
  /// @param heads  rules for whole names, beside those of Google's classifiers
  TensorFlowNames(const WeightSource& source, std::string scope,
                  std::span<const name_rules::Rule> heads = {});

  /// The scopes of the encoders in a checkpoint, without those of moving averages.
  static std::vector<std::string> scopes(const WeightSource& source);

  MappedName map(std::string_view name) const override;
  std::string original_name(std::string_view ours) const override;
  std::string description() const override;

  /// "albert" or "bert".
  std::string_view model_type() const noexcept { return is_albert_ ? "albert" : "bert"; }

 private:
  std::span<const name_rules::Rule> encoder_rules() const;

  std::string scope_;
  std::vector<name_rules::Rule> heads_;
  bool is_albert_ = false;
};

}  // namespace polytag
