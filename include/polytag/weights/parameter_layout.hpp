#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/weights/parameter_list.hpp"

namespace polytag {

/// The place of a parameter in a flat buffer, and what training rules are chosen by.
struct ParameterPlace {
  std::string name;
  Shape shape;
  ParameterTraits traits;
  std::size_t offset;  ///< of its first element, a multiple of ParameterLayout::kGranule
  std::size_t count;   ///< elements
  std::size_t depth;   ///< 0: embeddings; 1 to layers: a layer; layers + 1: the head
};

/// Where each parameter of a model lies in one flat buffer of floats, in the order of declaration.
/// Gradients, moments and averages of the weights lie in buffers of the same layout, so that what
/// is done to all of them is a loop over one array. Immutable; safe for concurrent use.
class POLYTAG_EXPORT ParameterLayout {
 public:
  /// Every parameter begins at a multiple of so many floats, a cache line.
  static constexpr std::size_t kGranule = kAlignment / sizeof(float);

  /// @throws ShapeError if the parameters have more elements than memory can address
  explicit ParameterLayout(const ParameterList& parameters);

  /// In the order of declaration, so that places()[id] is the place of ParameterId `id`.
  std::span<const ParameterPlace> places() const noexcept { return places_; }
  const ParameterPlace& operator[](ParameterId id) const {
    return places_[static_cast<std::size_t>(id)];
  }
  /// The parameter of that name, or null.
  const ParameterPlace* find(std::string_view name) const;

  /// Floats of a buffer, the gaps between parameters included.
  std::size_t size() const noexcept { return size_; }
  /// Elements of all parameters.
  std::size_t element_count() const noexcept { return element_count_; }
  /// The depth of the head.
  std::size_t head_depth() const noexcept { return head_depth_; }

 private:
  std::vector<ParameterPlace> places_;
  std::map<std::string, std::size_t, std::less<>> indices_;
  std::size_t size_ = 0;
  std::size_t element_count_ = 0;
  std::size_t head_depth_ = 1;
};

}  // namespace polytag
