#include "polytag/weights/parameter_layout.hpp"

#include <algorithm>

#include "polytag/error.hpp"

namespace polytag {

ParameterLayout::ParameterLayout(const ParameterList& parameters) {
  constexpr std::size_t kMost = static_cast<std::size_t>(-1) / sizeof(float) / 8;
  for (const ParameterSpec& spec : parameters.specs()) {
    if (spec.depth) head_depth_ = std::max(head_depth_, *spec.depth + 1);
  }
  for (const ParameterSpec& spec : parameters.specs()) {
    const std::size_t count = polytag::element_count(spec.shape);
    if (count > kMost - size_) {
      throw ShapeError::mismatch("", "parameter \"" + spec.name + "\"",
                                 "a size that memory can hold", to_string(spec.shape));
    }
    indices_.emplace(spec.name, places_.size());
    places_.push_back(
        {spec.name, spec.shape, spec.traits, size_, count, spec.depth.value_or(head_depth_)});
    element_count_ += count;
    size_ += (count + kGranule - 1) / kGranule * kGranule;
  }
}

const ParameterPlace* ParameterLayout::find(std::string_view name) const {
  const auto place = indices_.find(name);
  return place == indices_.end() ? nullptr : &places_[place->second];
}

}  // namespace polytag
