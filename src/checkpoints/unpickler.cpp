#include "checkpoints/unpickler.hpp"

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "checkpoints/pickle_opcodes.hpp"
#include "checkpoints/pickle_stack.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using namespace pickle_opcodes;
using Value = Pickled::Value;

constexpr std::size_t kMostDimensions = 16;
constexpr unsigned kFirstProtocol = 2, kLatestProtocol = 5;

struct Global {
  std::string_view module;
  std::string_view name;
  Value value;
};

/// All that a pickle may name. None of it runs any code.
const std::array kGlobals{
    Global{"collections", "OrderedDict", Pickled::Function::kOrderedDict},
    Global{"torch._utils", "_rebuild_tensor_v2", Pickled::Function::kRebuildTensor},
    Global{"torch._utils", "_rebuild_parameter", Pickled::Function::kRebuildParameter},
    Global{"torch", "DoubleStorage", Pickled::StorageType{ElementType::kFloat64}},
    Global{"torch", "FloatStorage", Pickled::StorageType{ElementType::kFloat32}},
    Global{"torch", "HalfStorage", Pickled::StorageType{ElementType::kFloat16}},
    Global{"torch", "BFloat16Storage", Pickled::StorageType{ElementType::kBfloat16}},
    Global{"torch", "LongStorage", Pickled::StorageType{ElementType::kInt64}},
    Global{"torch", "IntStorage", Pickled::StorageType{ElementType::kInt32}},
    Global{"torch", "ShortStorage", Pickled::StorageType{ElementType::kInt16}},
    Global{"torch", "CharStorage", Pickled::StorageType{ElementType::kInt8}},
    Global{"torch", "ByteStorage", Pickled::StorageType{ElementType::kUint8}},
    Global{"torch", "BoolStorage", Pickled::StorageType{ElementType::kBool}},
};

std::string_view kind_of(const Value& value) {
  constexpr std::array<std::string_view, std::variant_size_v<Value>> kNames{
      "None",   "a bool", "an integer", "a float",  "a string",   "a tuple",
      "a list", "a dict", "a storage",  "a tensor", "a function", "a storage type"};
  return kNames[value.index()];
}

struct StoredElements {
  ElementType type;
  std::string_view key;
  std::uint64_t size;
};

class Unpickler {
 public:
  Unpickler(std::span<const std::byte> bytes, std::string_view file, std::string_view object)
      : reader_(bytes, file, object), stack_(reader_) {}

  Pickled run();

 private:
  using Values = std::vector<Value>;

  /// The number, string or the like that an opcode stands for, if it is of that kind.
  std::optional<Value> take_constant(std::uint8_t opcode);
  // Each of these obeys an opcode that is of its kind, and tells whether it was.
  bool use_memo(std::uint8_t opcode);
  bool build_container(std::uint8_t opcode);
  bool build_object(std::uint8_t opcode);

  void push_tuple(Values values);
  void push_list();
  void push_dict();

  std::int64_t take_long(std::uint64_t size);
  void push_global(std::string_view module, std::string_view name);
  void append(const Values& values);
  void set_items(const Values& values);
  void load_storage();
  void reduce();
  void rebuild_tensor(const Values& arguments);

  /// A value as one of the alternatives, or an error that names what was expected.
  template <class T>
  const T& as(const Value& value, std::string_view expected) const {
    if (const T* const held = std::get_if<T>(&value)) return *held;
    throw reader_.mismatch(expected, kind_of(value));
  }
  std::uint64_t as_size(const Value& value, std::string_view expected) const {
    const std::int64_t size = as<std::int64_t>(value, expected);
    if (size < 0) throw reader_.mismatch(expected, std::to_string(size));
    return static_cast<std::uint64_t>(size);
  }
  std::vector<std::size_t> as_sizes(const Value& value, std::string_view expected) const;

  ByteReader reader_;
  PickleStack stack_;
  Values memo_;
  std::vector<Values> tuples_;
  std::vector<Values> lists_;
  std::vector<StoredElements> storages_;
  Pickled pickled_;
};

Pickled Unpickler::run() {
  for (;;) {
    const auto opcode = reader_.take_fixed<std::uint8_t>();
    if (opcode == kStop) break;
    if (const auto constant = take_constant(opcode)) {
      stack_.push(*constant);
    } else if (!use_memo(opcode) && !build_container(opcode) && !build_object(opcode)) {
      throw reader_.mismatch("an opcode that a state dict needs",
                             "opcode " + std::to_string(opcode));
    }
  }
  pickled_.root = stack_.pop();
  return std::move(pickled_);
}

std::optional<Value> Unpickler::take_constant(std::uint8_t opcode) {
  switch (opcode) {
    case kNone:
      return Pickled::None{};
    case kNewTrue:
      return true;
    case kNewFalse:
      return false;
    case kBinInt:
      return std::int64_t{static_cast<std::int32_t>(reader_.take_fixed<std::uint32_t>())};
    case kBinInt1:
      return std::int64_t{reader_.take_fixed<std::uint8_t>()};
    case kBinInt2:
      return std::int64_t{reader_.take_fixed<std::uint16_t>()};
    case kLong1:
      return take_long(reader_.take_fixed<std::uint8_t>());
    case kLong4:
      return take_long(reader_.take_fixed<std::uint32_t>());
    case kBinFloat:
      return std::bit_cast<double>(reader_.take_big_endian());
    case kBinUnicode:
      return reader_.take_text(reader_.take_fixed<std::uint32_t>());
    case kShortBinUnicode:
      return reader_.take_text(reader_.take_fixed<std::uint8_t>());
    case kBinUnicode8:
      return reader_.take_text(reader_.take_fixed<std::uint64_t>());
    default:
      return std::nullopt;
  }
}

bool Unpickler::use_memo(std::uint8_t opcode) {
  const auto get = [this](std::size_t index) {
    if (index >= memo_.size()) {
      throw reader_.mismatch("one of " + std::to_string(memo_.size()) + " memoized objects",
                             "number " + std::to_string(index));
    }
    stack_.push(memo_[index]);
  };
  const auto put = [this](std::size_t index) {  // picklers count up
    if (index > memo_.size()) {
      throw reader_.mismatch("object " + std::to_string(memo_.size()) + " to be memoized",
                             "number " + std::to_string(index));
    }
    if (index == memo_.size()) memo_.emplace_back();
    memo_[index] = stack_.top();
  };
  switch (opcode) {
    case kBinGet:
      get(reader_.take_fixed<std::uint8_t>());
      break;
    case kLongBinGet:
      get(reader_.take_fixed<std::uint32_t>());
      break;
    case kBinPut:
      put(reader_.take_fixed<std::uint8_t>());
      break;
    case kLongBinPut:
      put(reader_.take_fixed<std::uint32_t>());
      break;
    case kMemoize:
      put(memo_.size());
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::build_container(std::uint8_t opcode) {
  switch (opcode) {
    case kMark:
      stack_.push_mark();
      break;
    case kEmptyTuple:
      push_tuple({});
      break;
    case kTuple:
      push_tuple(stack_.pop_to_mark());
      break;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      push_tuple(stack_.pop_last(opcode - kTuple1 + std::size_t{1}));
      break;
    case kEmptyList:
      push_list();
      break;
    case kAppend:
      append({stack_.pop()});
      break;
    case kAppends:
      append(stack_.pop_to_mark());
      break;
    case kEmptyDict:
      push_dict();
      break;
    case kSetItem: {
      const Value value = stack_.pop();
      const Value key = stack_.pop();
      set_items({key, value});
      break;
    }
    case kSetItems:
      set_items(stack_.pop_to_mark());
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::build_object(std::uint8_t opcode) {
  switch (opcode) {
    case kGlobal: {
      const std::string_view module = reader_.take_line();
      push_global(module, reader_.take_line());
      break;
    }
    case kStackGlobal: {
      const Value name = stack_.pop();
      const Value module = stack_.pop();
      push_global(as<std::string_view>(module, "the name of a module"),
                  as<std::string_view>(name, "the name of a global"));
      break;
    }
    case kReduce:
      reduce();
      break;
    case kBuild:  // attributes of a dict, of which a state dict's _metadata is one
      stack_.pop();
      as<Pickled::Dict>(stack_.top(), "a dict to set attributes of");
      break;
    case kBinPersistentId:
      load_storage();
      break;
    case kProtocol: {
      const auto version = reader_.take_fixed<std::uint8_t>();
      if (version < kFirstProtocol || version > kLatestProtocol) {
        throw reader_.mismatch("pickle protocol 2 to 5", std::to_string(version));
      }
      break;
    }
    case kFrame:
      reader_.take_fixed<std::uint64_t>();
      break;
    default:
      return false;
  }
  return true;
}

void Unpickler::push_tuple(Values values) {
  tuples_.push_back(std::move(values));
  stack_.push(Pickled::Tuple{tuples_.size() - 1});
}

void Unpickler::push_list() {
  lists_.emplace_back();
  stack_.push(Pickled::List{lists_.size() - 1});
}

void Unpickler::push_dict() {
  pickled_.dicts.emplace_back();
  stack_.push(Pickled::Dict{pickled_.dicts.size() - 1});
}

/// A little-endian number in two's complement.
std::int64_t Unpickler::take_long(std::uint64_t size) {
  const auto bytes = reader_.take(size);
  if (bytes.size() > sizeof(std::int64_t)) {
    throw reader_.mismatch("an integer of at most 64 bits", std::to_string(size) + " bytes");
  }
  const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return static_cast<std::int64_t>(value);
}

void Unpickler::push_global(std::string_view module, std::string_view name) {
  for (const Global& global : kGlobals) {
    if (global.module == module && global.name == name) return stack_.push(global.value);
  }
  throw reader_.mismatch("nothing but tensors, numbers, strings and containers of them",
                         "\"" + std::string(module) + "." + std::string(name) +
                             "\"; save the state dict alone (torch.save(model.state_dict(), …))");
}

void Unpickler::append(const Values& values) {
  Values& list = lists_[as<Pickled::List>(stack_.top(), "a list to append to").index];
  list.insert(list.end(), values.begin(), values.end());
}

void Unpickler::set_items(const Values& values) {
  if (values.size() % 2 != 0) throw reader_.mismatch("keys with values", "a key without one");
  auto& items = pickled_.dicts[as<Pickled::Dict>(stack_.top(), "a dict to set items of").index];
  for (std::size_t i = 0; i < values.size(); i += 2) items.emplace_back(values[i], values[i + 1]);
}

/// The persistent id of a storage: ("storage", type, key, device, number of elements).
void Unpickler::load_storage() {
  const Value id = stack_.pop();
  const Values& parts = tuples_[as<Pickled::Tuple>(id, "the tuple that names a storage").index];
  const std::string_view* const tag =
      parts.size() == 5 ? std::get_if<std::string_view>(&parts[0]) : nullptr;
  if (tag == nullptr || *tag != "storage") {
    throw reader_.mismatch("(\"storage\", type, key, device, size)", "another persistent id");
  }
  storages_.push_back({as<Pickled::StorageType>(parts[1], "a type of storage").type,
                       as<std::string_view>(parts[2], "the key of a storage"),
                       as_size(parts[4], "a storage's number of elements")});
  stack_.push(Pickled::Storage{storages_.size() - 1});
}

void Unpickler::reduce() {
  const Value tuple = stack_.pop();
  const Values& arguments = tuples_[as<Pickled::Tuple>(tuple, "a tuple of arguments").index];
  const Value function = stack_.pop();
  switch (as<Pickled::Function>(function, "a function to call")) {
    case Pickled::Function::kOrderedDict:
      if (!arguments.empty()) throw reader_.mismatch("an empty OrderedDict to fill", "arguments");
      push_dict();
      break;
    case Pickled::Function::kRebuildTensor:
      rebuild_tensor(arguments);
      break;
    case Pickled::Function::kRebuildParameter:
      if (arguments.size() != 3) {
        throw reader_.mismatch("3 arguments of _rebuild_parameter",
                               std::to_string(arguments.size()));
      }
      as<Pickled::Tensor>(arguments[0], "the tensor of a parameter");
      stack_.push(arguments[0]);
      break;
  }
}

std::vector<std::size_t> Unpickler::as_sizes(const Value& value, std::string_view expected) const {
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

/// Arguments: storage, offset, shape, strides, requires_grad, backward_hooks.
void Unpickler::rebuild_tensor(const Values& arguments) {
  if (arguments.size() != 6) {
    throw reader_.mismatch("6 arguments of _rebuild_tensor_v2", std::to_string(arguments.size()));
  }
  const StoredElements& storage =
      storages_[as<Pickled::Storage>(arguments[0], "the storage of a tensor").index];
  PickledTensor tensor{storage.type,
                       storage.key,
                       storage.size,
                       as_size(arguments[1], "a tensor's offset"),
                       as_sizes(arguments[2], "a tensor's shape"),
                       as_sizes(arguments[3], "a tensor's strides")};
  if (tensor.shape.size() != tensor.strides.size()) {
    throw reader_.mismatch(
        "a stride for each of " + std::to_string(tensor.shape.size()) + " dimensions",
        std::to_string(tensor.strides.size()));
  }
  pickled_.tensors.push_back(std::move(tensor));
  stack_.push(Pickled::Tensor{pickled_.tensors.size() - 1});
}

}  // namespace

Pickled unpickle(std::span<const std::byte> bytes, std::string_view file, std::string_view object) {
  return Unpickler(bytes, file, object).run();
}

}  // namespace polytag
