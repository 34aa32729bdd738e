#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "convert/names/tensor_names.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Hugging Face's names as PyTorch programs save them: behind the attributes that hold the model
/// ("model.bert.…", "l1.…" for an encoder alone), with the segments that wrappers put into names
/// ("module.", "_orig_mod."), with the names of LayerNorm in the first years.
class HuggingFaceNames final : public TensorNames {
 public:
  /// @param model_type      as config.json has it, or empty
  /// @param encoder_prefix  what the encoder's names begin with, if the names are not to tell
  /// @throws FormatError if there is no encoder, or if there are several; ArgumentError if no name
  ///         begins with the prefix
  HuggingFaceNames(const WeightSource& source, std::string_view model_type,
                   const std::optional<std::string>& encoder_prefix);

  MappedName map(std::string_view name) const override;
  std::string original_name(std::string_view ours) const override;
  std::string description() const override;

 private:
  std::string outer_;    // what all names of the model begin with
  std::string encoder_;  // behind outer_, in place of ours_
  std::string ours_;     // what the encoder's names begin with, as in "bert."
};

}  // namespace polytag
