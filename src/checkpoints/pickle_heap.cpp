#include "checkpoints/pickle_heap.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

using Value = Pickled::Value;
using Function = Pickled::Function;

constexpr std::size_t kMostDimensions = 16;

/// A pair in a list takes at least so many bytes in a pickle: a tuple of two remembered values.
constexpr std::size_t kLeastPairBytes = 5;

struct KnownGlobal {
  std::string_view module;
  std::string_view name;
  Value value;
};

/// All names that mean something here. Python 2 calls its module of built-ins otherwise.
const std::array kKnownGlobals{
    KnownGlobal{"collections", "OrderedDict", Function::kDict},
    KnownGlobal{"collections", "defaultdict", Function::kDict},
    KnownGlobal{"builtins", "dict", Function::kDict},
    KnownGlobal{"__builtin__", "dict", Function::kDict},
    KnownGlobal{"torch._utils", "_rebuild_tensor", Function::kRebuildTensor},
    KnownGlobal{"torch._utils", "_rebuild_tensor_v2", Function::kRebuildTensor},
    KnownGlobal{"torch._utils", "_rebuild_parameter", Function::kRebuildParameter},
    KnownGlobal{"torch._utils", "_rebuild_parameter_with_state", Function::kRebuildParameter},
    KnownGlobal{"torch._tensor", "_rebuild_from_type_v2", Function::kRebuildFromType},
};

using Storage = Pickled::StorageType;

/// The types of storages of the module torch.
const std::array kStorageTypes{
    Storage{"DoubleStorage", ElementType::kFloat64, 8},
    Storage{"FloatStorage", ElementType::kFloat32, 4},
    Storage{"HalfStorage", ElementType::kFloat16, 2},
    Storage{"BFloat16Storage", ElementType::kBfloat16, 2},
    Storage{"LongStorage", ElementType::kInt64, 8},
    Storage{"IntStorage", ElementType::kInt32, 4},
    Storage{"ShortStorage", ElementType::kInt16, 2},
    Storage{"CharStorage", ElementType::kInt8, 1},
    Storage{"ByteStorage", ElementType::kUint8, 1},
    Storage{"BoolStorage", ElementType::kBool, 1},
    Storage{"ComplexFloatStorage", std::nullopt, 8},
    Storage{"ComplexDoubleStorage", std::nullopt, 16},
    Storage{"QInt8Storage", std::nullopt, 1},
    Storage{"QUInt8Storage", std::nullopt, 1},
    Storage{"QInt32Storage", std::nullopt, 4},
    Storage{"QUInt4x2Storage", std::nullopt, 1},
    Storage{"QUInt2x4Storage", std::nullopt, 1},
    Storage{"UntypedStorage", std::nullopt, 1},
};

std::string_view kind_of(const Value& value) {
  constexpr std::array<std::string_view, std::variant_size_v<Value>> kNames{
      "None",   "a bool",    "an integer", "a float",   "a string",   "a tuple",       "a list",
      "a dict", "a storage", "a tensor",   "an object", "a function", "a storage type"};
  return kNames[value.index()];
}

}  // namespace

PickleHeap::PickleHeap(const ByteReader& reader, std::size_t size)
    : reader_(reader), copies_left_(size / kLeastPairBytes) {
  pickled_.globals.push_back({"", "an object of Python"});
}

FormatError PickleHeap::wrong_kind(const Value& value, std::string_view expected) const {
  return reader_.mismatch(expected, kind_of(value));
}

std::uint64_t PickleHeap::as_size(const Value& value, std::string_view expected) const {
  const std::int64_t size = as<std::int64_t>(value, expected);
  if (size < 0) throw reader_.mismatch(expected, std::to_string(size));
  return static_cast<std::uint64_t>(size);
}

std::vector<std::size_t> PickleHeap::as_sizes(const Value& value, std::string_view expected) const {
  const Values& values = tuples_[as<Pickled::Tuple>(value, expected).index];
  if (values.size() > kMostDimensions) {
    throw reader_.mismatch("at most " + std::to_string(kMostDimensions) + " dimensions",
                           std::to_string(values.size()));
  }
  std::vector<std::size_t> sizes;
  sizes.reserve(values.size());
  for (const Value& size : values) sizes.push_back(as_size(size, expected));
  return sizes;
}

Value PickleHeap::add_tuple(Values values) {
  tuples_.push_back(std::move(values));
  return Pickled::Tuple{tuples_.size() - 1};
}

Value PickleHeap::add_list(Values values) {
  pickled_.lists.push_back(std::move(values));
  return Pickled::List{pickled_.lists.size() - 1};
}

Value PickleHeap::add_dict(const Values& keys_and_values) {
  pickled_.dicts.emplace_back();
  const Pickled::Dict dict{pickled_.dicts.size() - 1};
  set_items(dict, keys_and_values);
  return dict;
}

Value PickleHeap::add_global(std::string_view module, std::string_view name) {
  for (const KnownGlobal& known : kKnownGlobals) {
    if (known.module == module && known.name == name) return known.value;
  }
  if (module == "torch" || module == "torch.storage") {
    const auto* const type = std::ranges::find(kStorageTypes, name, &Storage::name);
    if (type != kStorageTypes.end()) return type;
  }
  return add_object(module, name);
}

Value PickleHeap::add_object(std::string_view module, std::string_view name) {
  pickled_.globals.push_back({module, name});
  return Pickled::Object{pickled_.globals.size() - 1};
}

void PickleHeap::append(const Value& list, const Values& values) {
  if (std::holds_alternative<Pickled::Object>(list)) return;
  Values& items = pickled_.lists[as<Pickled::List>(list, "a list to append to").index];
  items.insert(items.end(), values.begin(), values.end());
}

void PickleHeap::set_items(const Value& dict, const Values& keys_and_values) {
  if (keys_and_values.size() % 2 != 0) {
    throw reader_.mismatch("keys with values", "a key without one");
  }
  if (std::holds_alternative<Pickled::Object>(dict)) return;
  auto& items = pickled_.dicts[as<Pickled::Dict>(dict, "a dict to set items of").index];
  for (std::size_t i = 0; i < keys_and_values.size(); i += 2) {
    items.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }
}

void PickleHeap::set_state(const Value& object) const {
  if (std::holds_alternative<Pickled::Object>(object)) return;
  as<Pickled::Dict>(object, "a dict to set attributes of");
}

Value PickleHeap::call(const Value& function, const Value& arguments) {
  const Values& values = tuples_[as<Pickled::Tuple>(arguments, "a tuple of arguments").index];
  if (std::holds_alternative<Pickled::Object>(function)) return function;
  switch (as<Function>(function, "a function to call")) {
    case Function::kDict:
      return new_dict(values);
    case Function::kRebuildTensor:
      return rebuild_tensor(values);
    case Function::kRebuildParameter:
      return rebuild_parameter(values);
    case Function::kRebuildFromType:
      return rebuild_from_type(values);
  }
  return opaque();
}

Value PickleHeap::create(const Value& type) {
  if (std::holds_alternative<Pickled::Object>(type)) return type;
  const Function* const function = std::get_if<Function>(&type);
  if (function == nullptr || *function != Function::kDict) throw wrong_kind(type, "a class");
  return add_dict({});
}

/// Python 2 gives an OrderedDict its items as a list of pairs; a defaultdict gets its factory.
Value PickleHeap::new_dict(const Values& arguments) {
  const Value dict = add_dict({});
  Pickled::Items& items = pickled_.dicts[std::get<Pickled::Dict>(dict).index];
  if (arguments.size() == 1) {
    if (const auto* const pairs = std::get_if<Pickled::List>(&arguments[0])) {
      add_pairs(items, pickled_.lists[pairs->index]);
    }
  }
  return dict;
}

void PickleHeap::add_pairs(Pickled::Items& items, const Values& pairs) {
  if (pairs.size() > copies_left_) {
    throw reader_.mismatch("a list of pairs to be used once", "one that is used repeatedly");
  }
  copies_left_ -= pairs.size();
  items.reserve(pairs.size());
  for (const Value& pair : pairs) {
    const auto* const list = std::get_if<Pickled::List>(&pair);
    const Values& parts = list != nullptr
                              ? pickled_.lists[list->index]
                              : tuples_[as<Pickled::Tuple>(pair, "a key and its value").index];
    if (parts.size() != 2) {
      throw reader_.mismatch("a key and its value", std::to_string(parts.size()) + " values");
    }
    items.emplace_back(parts[0], parts[1]);
  }
}

/// Arguments: storage, offset, shape, strides, requires_grad, backward_hooks, metadata; the first
/// version ended with the strides. Metadata says that numbers are stored conjugated or negated.
Value PickleHeap::rebuild_tensor(const Values& arguments) {
  if (arguments.size() < 4 || arguments.size() == 5 || arguments.size() > 7) {
    throw reader_.mismatch("6 arguments of _rebuild_tensor_v2", std::to_string(arguments.size()));
  }
  if (std::holds_alternative<Pickled::Object>(arguments[0])) return arguments[0];
  const Pickled::StoredElements& stored =
      pickled_.storages[as<Pickled::Storage>(arguments[0], "the storage of a tensor").index];
  if (!stored.type->type) return add_object("torch", stored.type->name);
  if (arguments.size() == 7) {
    const auto* const metadata = std::get_if<Pickled::Dict>(&arguments[6]);
    if (metadata == nullptr || !pickled_.dicts[metadata->index].empty())
      return add_object("torch._utils", "_rebuild_tensor_v2");
  }
  const std::uint64_t offset = as_size(arguments[1], "a tensor's offset");
  PickledTensor tensor{*stored.type->type,
                       stored.key,
                       stored.size,
                       stored.end,
                       stored.begin + offset,
                       as_sizes(arguments[2], "a tensor's shape"),
                       as_sizes(arguments[3], "a tensor's strides")};
  if (tensor.shape.size() != tensor.strides.size()) {
    throw reader_.mismatch(
        "a stride for each of " + std::to_string(tensor.shape.size()) + " dimensions",
        std::to_string(tensor.strides.size()));
  }
  pickled_.tensors.push_back(std::move(tensor));
  return Pickled::Tensor{pickled_.tensors.size() - 1};
}

/// Arguments: tensor, requires_grad, backward_hooks, and attributes where a parameter has some.
Value PickleHeap::rebuild_parameter(const Values& arguments) {
  if (arguments.size() != 3 && arguments.size() != 4) {
    throw reader_.mismatch("3 arguments of _rebuild_parameter", std::to_string(arguments.size()));
  }
  if (std::holds_alternative<Pickled::Object>(arguments[0])) return arguments[0];
  return as<Pickled::Tensor>(arguments[0], "the tensor of a parameter");
}

/// Arguments: function, the type of its result, the arguments of the function, attributes.
Value PickleHeap::rebuild_from_type(const Values& arguments) {
  if (arguments.size() != 4) {
    throw reader_.mismatch("4 arguments of _rebuild_from_type_v2",
                           std::to_string(arguments.size()));
  }
  const auto* const function = std::get_if<Function>(&arguments[0]);
  if (function == nullptr || *function != Function::kRebuildTensor) {
    return std::holds_alternative<Pickled::Object>(arguments[0]) ? arguments[0] : opaque();
  }
  const auto& inner = as<Pickled::Tuple>(arguments[2], "a tuple of arguments");
  return rebuild_tensor(tuples_[inner.index]);
}

Value PickleHeap::persistent(const Value& id) {
  const Values& parts = tuples_[as<Pickled::Tuple>(id, "the tuple that names a storage").index];
  const std::string_view* const tag =
      parts.size() < 2 ? nullptr : std::get_if<std::string_view>(&parts[0]);
  // A class with its source code, as torch.save wrote modules before PyTorch 1.6.
  if (tag != nullptr && *tag == "module") return create(parts[1]);
  if (tag == nullptr || *tag != "storage" || parts.size() < 5 || parts.size() > 6) {
    throw reader_.mismatch("(\"storage\", type, key, device, size)", "another persistent id");
  }
  return storage(parts);
}

/// The persistent id of a storage: ("storage", type, key, device, number of elements), and before
/// PyTorch 1.6 a view of it: None or (key, offset, number of elements).
Value PickleHeap::storage(const Values& id) {
  if (std::holds_alternative<Pickled::Object>(id[1])) return id[1];
  Pickled::StoredElements stored{as<const Storage*>(id[1], "a type of storage"),
                                 as_text(id[2], "the key of a storage"),
                                 as_size(id[4], "a storage's number of elements"), 0, 0};
  stored.end = stored.size;
  if (id.size() == 6 && !std::holds_alternative<Pickled::None>(id[5])) {
    const Values& view = tuples_[as<Pickled::Tuple>(id[5], "the view of a storage").index];
    if (view.size() != 3) {
      throw reader_.mismatch("(key, offset, size) of a view", std::to_string(view.size()));
    }
    stored.begin = as_size(view[1], "the offset of a view");
    const std::uint64_t size = as_size(view[2], "the size of a view");
    if (stored.begin > stored.size || size > stored.size - stored.begin) {
      throw reader_.mismatch("a view within its storage of " + std::to_string(stored.size),
                             std::to_string(size) + " elements at " + std::to_string(stored.begin));
    }
    stored.end = stored.begin + size;
  }
  pickled_.storages.push_back(stored);
  return Pickled::Storage{pickled_.storages.size() - 1};
}

Pickled PickleHeap::finish(Value root) {
  pickled_.root = root;
  return std::move(pickled_);
}

}  // namespace polytag
