#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace polytag {

/// The translation of a tensor's name. Our names are Hugging Face's.
struct MappedName {
  std::string target;               ///< our name, or empty if the tensor is left out
  bool transposed = false;          ///< the last dimension goes first: [in, out] becomes [out, in]
  std::optional<std::size_t> part;  ///< the tensor is this one of those stacked into the target
  std::string_view left_out;        ///< why, if it is
};

/// The names that a checkpoint uses, as a translation into ours.
class TensorNames {
 public:
  virtual ~TensorNames() = default;

  /// A name that means nothing to us stays as it is.
  virtual MappedName map(std::string_view name) const = 0;
  /// The name that the checkpoint would have for one of ours; the first of those that make it up.
  virtual std::string original_name(std::string_view ours) const = 0;
  /// Names the scheme for reports, as in "TensorFlow's ALBERT in scope bert/".
  virtual std::string description() const = 0;
};

}  // namespace polytag
