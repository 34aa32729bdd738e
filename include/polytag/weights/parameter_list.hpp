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

namespace polytag {

/// How training from scratch fills a parameter.
enum class Initialiser {
  kZeros,
  kOnes,
  kNormal,         ///< mean 0, standard deviation 0.02: BERT's initializer_range
  kGlorotUniform,  ///< uniform within ± sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
};

/// Properties of a parameter beside its name and its shape.
struct ParameterTraits {
  /// For a matrix that `quantize` stores in fewer bits: the widths of the column blocks that are
  /// multiplied separately (an LSTM has one for its input and one for its hidden state). Each row
  /// has one int8 scale per block. Empty: the matrix is float32 in every precision.
  std::vector<std::size_t> quantized_columns = {};
  Initialiser initialiser = Initialiser::kZeros;
  bool decays = false;  ///< whether weight decay applies
};

/// A tensor that a layer needs, as data: loading, checking, converting, quantizing and saving walk
/// lists of these, and so does training.
struct ParameterSpec {
  std::string name;
  Shape shape;
  ParameterTraits traits = {};
  /// How far from a model's input it acts: 0 in the embeddings, then 1 and up, layer by layer.
  /// None: it belongs to the head, which is behind all layers.
  std::optional<std::size_t> depth = std::nullopt;
};

/// The place of a parameter in its ParameterList.
enum class ParameterId : std::size_t {};

/// Every parameter of a model, in the order of declaration. Layers declare theirs in a scope and
/// keep the ids, by which Weights gives them the values: a name or a shape is written once.
class POLYTAG_EXPORT ParameterList {
 public:
  /// A beginning that names have in common, as in "bert.encoder.layer.3". Borrows the list.
  class Scope {
   public:
    /// A scope within this one. @param child  may have dots; empty: the same scope
    Scope operator/(std::string_view child) const { return {*list_, joined(child), depth_}; }
    Scope operator/(std::size_t index) const { return *this / std::to_string(index); }

    /// The same scope, of a layer so far from the input: what it declares has that depth.
    Scope at_depth(std::size_t depth) const { return {*list_, name_, depth}; }

    /// Declares the parameter `leaf` of this scope.
    /// @throws ArgumentError if the list has one of this name
    ParameterId add(std::string_view leaf, Shape shape, ParameterTraits traits = {}) const;

   private:
    friend class ParameterList;
    Scope(ParameterList& list, std::string name, std::optional<std::size_t> depth)
        : list_(&list), name_(std::move(name)), depth_(depth) {}
    std::string joined(std::string_view child) const;

    ParameterList* list_;
    std::string name_;
    std::optional<std::size_t> depth_;
  };

  ParameterList() = default;
  ParameterList(ParameterList&&) = default;  // moves only: scopes refer to their list
  ParameterList& operator=(ParameterList&&) = default;

  /// @param name  of the outermost scope, as in "bert"; empty: names have no common beginning
  Scope root(std::string_view name = {}) { return {*this, std::string(name), {}}; }

  std::span<const ParameterSpec> specs() const noexcept { return specs_; }
  const ParameterSpec& operator[](ParameterId id) const {
    return specs_[static_cast<std::size_t>(id)];
  }
  std::optional<ParameterId> find(std::string_view name) const;

 private:
  std::vector<ParameterSpec> specs_;
  std::map<std::string, ParameterId, std::less<>> ids_;
};

}  // namespace polytag
