#include "polytag/weights/parameter_list.hpp"

#include <utility>

#include "polytag/error.hpp"

namespace polytag {

std::string ParameterList::Scope::joined(std::string_view child) const {
  if (name_.empty()) return std::string(child);
  return child.empty() ? name_ : std::string(name_).append(".").append(child);
}

ParameterId ParameterList::Scope::add(std::string_view leaf, Shape shape,
                                      ParameterTraits traits) const {
  std::string name = joined(leaf);
  const auto id = static_cast<ParameterId>(list_->specs_.size());
  if (!list_->ids_.emplace(name, id).second) {
    throw ArgumentError::mismatch("parameter \"" + name + "\"", "one declaration", "another");
  }
  list_->specs_.push_back({std::move(name), std::move(shape), std::move(traits), depth_});
  return id;
}

std::optional<ParameterId> ParameterList::find(std::string_view name) const {
  const auto place = ids_.find(name);
  return place == ids_.end() ? std::nullopt : std::optional(place->second);
}

}  // namespace polytag
