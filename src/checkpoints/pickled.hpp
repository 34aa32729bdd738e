#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
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
  std::string_view storage;    ///< the key of its bytes in the file
  std::uint64_t storage_size;  ///< in elements
  std::uint64_t limit;         ///< elements of the storage that the tensor may reach
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
  /// A value that only Python code could make: a class, an instance of one, what a function would
  /// return. Nothing is known of it but the class or function that the pickle names.
  struct Object {
    std::size_t index;
  };
  /// The functions whose results are known without calling anything.
  enum class Function : std::uint8_t { kDict, kRebuildTensor, kRebuildParameter, kRebuildFromType };
  /// Without an element type for numbers that polytag does not read: complex, quantized.
  struct StorageType {
    std::string_view name;
    std::optional<ElementType> type;
    std::size_t width;  ///< of an element, in bytes
  };

  using Value = std::variant<None, bool, std::int64_t, double, std::string_view, Tuple, List, Dict,
                             Storage, Tensor, Object, Function, const StorageType*>;
  using Values = std::vector<Value>;
  using Item = std::pair<Value, Value>;
  using Items = std::vector<Item>;
  struct Global {
    std::string_view module;
    std::string_view name;
  };

  /// A storage as its persistent id describes it, with the view of it that tensors look into.
  struct StoredElements {
    const StorageType* type;
    std::string_view key;
    std::uint64_t size;
    std::uint64_t begin;
    std::uint64_t end;
  };

  /// "torch.nn.modules.linear.Linear"
  std::string name_of(Object object) const {
    const auto& [module, name] = globals[object.index];
    return std::string(module).append(module.empty() ? "" : ".").append(name);
  }

  Value root;
  std::vector<Items> dicts;   // by Dict::index; of equal keys, all are kept
  std::vector<Values> lists;  // by List::index
  std::vector<StoredElements> storages;
  std::vector<PickledTensor> tensors;
  std::vector<Global> globals;  // by Object::index
};

}  // namespace polytag
