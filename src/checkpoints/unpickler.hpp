#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// A tensor as a pickle describes it; not yet compared with the bytes of its storage.
struct PickledTensor {
  ElementType type;
  std::string_view storage;    ///< the name of its bytes in the archive
  std::uint64_t storage_size;  ///< in elements
  std::uint64_t offset;        ///< in elements
  Shape shape;
  std::vector<std::size_t> strides;  ///< in elements, one for each dimension
};

/// The objects that a pickle builds. Containers stand beside each other and are named by index, so
/// that whatever refers to whatever, even to itself, is built, walked and freed without recursion.
struct Pickled {
  struct None {};
  struct Tuple {
    std::size_t index;
  };
  struct List {
    std::size_t index;
  };
  struct Dict {
    std::size_t index;
  };
  struct Storage {
    std::size_t index;
  };
  struct Tensor {
    std::size_t index;
  };
  enum class Function : std::uint8_t { kOrderedDict, kRebuildTensor, kRebuildParameter };
  struct StorageType {
    ElementType type;
  };

  using Value = std::variant<None, bool, std::int64_t, double, std::string_view, Tuple, List, Dict,
                             Storage, Tensor, Function, StorageType>;
  using Item = std::pair<Value, Value>;
  using Items = std::vector<Item>;

  Value root;
  std::vector<Items> dicts;  // by Dict::index; of equal keys, all are kept
  std::vector<PickledTensor> tensors;
};

/// Room for the names of some 40,000 tensors. What a pickle builds takes up to a hundred times its
/// size, so this bounds the memory.
inline constexpr std::size_t kMostPickleBytes = std::size_t{1} << 23;

/// Runs the part of the pickle machine (https://docs.python.org/3/library/pickletools.html) that a
/// state dict needs. Nothing but the values above can come out, and nothing is ever called.
/// @param bytes  at most kMostPickleBytes; must outlive the result, whose strings are views into
/// them
/// @param file, object  their name, for messages
/// @throws FormatError if the pickle is malformed or names anything else
Pickled unpickle(std::span<const std::byte> bytes, std::string_view file, std::string_view object);

}  // namespace polytag
