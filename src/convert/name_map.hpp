#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "polytag/weights/weight_source.hpp"

namespace polytag {

namespace name_rules {
struct Rule;
}

/// What becomes of a tensor of another framework. Our names are Hugging Face's.
struct MappedName {
  std::string target;               ///< our name, or empty if the tensor is left out
  bool transposed = false;          ///< the last dimension goes first: [in, out] becomes [out, in]
  std::optional<std::size_t> part;  ///< the tensor is this one of those stacked into the target
  std::string_view left_out;        ///< why, if it is
};

/// Recognises whose names a checkpoint uses, and translates them.
class NameMap {
 public:
  /// @throws FormatError if the names are nobody's that polytag knows
  explicit NameMap(const WeightSource& source);

  /// A name that means nothing to us stays as it is.
  MappedName map(std::string_view name) const;
  /// The name that the checkpoint would have for one of ours; the first of those that make it up.
  std::string original_name(std::string_view ours) const;

  /// "albert" or "bert" where the names tell; else empty, and config.json has to.
  std::string_view model_type() const noexcept { return model_type_; }
  /// Whether these are variables of a TensorFlow graph rather than Hugging Face's names.
  bool is_tensorflow() const noexcept { return !scope_.empty(); }
  /// Whether one of the four graphs of classifier-multi-label wrote the checkpoint.
  bool is_classifier_multi_label() const noexcept { return is_classifier_multi_label_; }
  /// As in "TensorFlow's ALBERT in scope bert/".
  std::string description() const;

 private:
  std::span<const name_rules::Rule> encoder_rules() const;

  std::string_view model_type_;
  std::string_view scope_;  // of the encoder in its graph, as in "bert/"
  bool is_classifier_multi_label_ = false;
};

}  // namespace polytag
