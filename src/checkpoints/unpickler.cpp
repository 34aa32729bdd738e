#include "checkpoints/unpickler.hpp"

#include <array>
#include <bit>
#include <string>
#include <utility>

#include "checkpoints/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using Value = Pickled::Value;

/// Room for the names of some 40,000 tensors. What a pickle builds takes up to a hundred times its
/// size, so this bounds the memory.
constexpr std::size_t kMostPickleBytes = std::size_t{1} << 23;
/// The pickler empties its stack every 1000 items.
constexpr std::size_t kMostStack = std::size_t{1} << 16;
constexpr std::size_t kMostDimensions = 16;
constexpr unsigned kLatestProtocol = 5;

enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kNone = 'N',
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kLong1 = 0x8A,
  kLong4 = 0x8B,
  kBinFloat = 'G',
  kBinUnicode = 'X',
  kShortBinUnicode = 0x8C,
  kBinUnicode8 = 0x8D,
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyDict = '}',
  kSetItem = 's',
  kSetItems = 'u',
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kBuild = 'b',
  kBinPersistentId = 'Q',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kMemoize = 0x94,
  kProtocol = 0x80,
  kFrame = 0x95,
};

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
      : reader_(bytes, file, object) {}

  Pickled run();

 private:
  using Values = std::vector<Value>;

  // Each takes an opcode that is of its kind, and tells whether it was.
  bool push_constant(std::uint8_t opcode);
  bool use_memo(std::uint8_t opcode);
  bool build_container(std::uint8_t opcode);
  bool build_object(std::uint8_t opcode);

  void push(Value value);
  Value pop();
  Value& top();
  std::size_t mark() const { return marks_.empty() ? 0 : marks_.back(); }
  /// Takes all values above the last mark, and the mark.
  Values pop_to_mark();
  void push_tuple(Values values);
  void push_last_as_tuple(std::size_t count);

  std::int64_t take_long(std::uint64_t size);
  void push_global(std::string_view module, std::string_view name);
  void append(Values values);
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
  Values stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack where they were set
  Values memo_;
  std::vector<Values> tuples_;
  std::vector<Values> lists_;
  std::vector<StoredElements> storages_;
  Pickled pickled_;
};

Pickled Unpickler::run() {
  if (reader_.remaining() > kMostPickleBytes) {
    throw reader_.mismatch("at most " + std::to_string(kMostPickleBytes) + " bytes",
                           std::to_string(reader_.remaining()));
  }
  for (;;) {
    const auto opcode = reader_.take_fixed<std::uint8_t>();
    if (opcode == kStop) break;
    if (!push_constant(opcode) && !use_memo(opcode) && !build_container(opcode) &&
        !build_object(opcode)) {
      throw reader_.mismatch("an opcode that a state dict needs",
                             "opcode " + std::to_string(opcode));
    }
  }
  pickled_.root = pop();
  return std::move(pickled_);
}

bool Unpickler::push_constant(std::uint8_t opcode) {
  switch (opcode) {
    case kNone:
      push(Pickled::None{});
      break;
    case kNewTrue:
      push(true);
      break;
    case kNewFalse:
      push(false);
      break;
    case kBinInt:
      push(std::int64_t{static_cast<std::int32_t>(reader_.take_fixed<std::uint32_t>())});
      break;
    case kBinInt1:
      push(std::int64_t{reader_.take_fixed<std::uint8_t>()});
      break;
    case kBinInt2:
      push(std::int64_t{reader_.take_fixed<std::uint16_t>()});
      break;
    case kLong1:
      push(take_long(reader_.take_fixed<std::uint8_t>()));
      break;
    case kLong4:
      push(take_long(reader_.take_fixed<std::uint32_t>()));
      break;
    case kBinFloat:
      push(std::bit_cast<double>(reader_.take_big_endian()));
      break;
    case kBinUnicode:
      push(reader_.take_text(reader_.take_fixed<std::uint32_t>()));
      break;
    case kShortBinUnicode:
      push(reader_.take_text(reader_.take_fixed<std::uint8_t>()));
      break;
    case kBinUnicode8:
      push(reader_.take_text(reader_.take_fixed<std::uint64_t>()));
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::use_memo(std::uint8_t opcode) {
  const auto get = [this](std::size_t index) {
    if (index >= memo_.size()) {
      throw reader_.mismatch("one of " + std::to_string(memo_.size()) + " memoized objects",
                             "number " + std::to_string(index));
    }
    push(memo_[index]);
  };
  const auto put = [this](std::size_t index) {  // picklers count up
    if (index > memo_.size()) {
      throw reader_.mismatch("object " + std::to_string(memo_.size()) + " to be memoized",
                             "number " + std::to_string(index));
    }
    if (index == memo_.size()) memo_.emplace_back();
    memo_[index] = top();
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
      if (marks_.size() == kMostStack) throw reader_.mismatch("at most 65536 marks", "more");
      marks_.push_back(stack_.size());
      break;
    case kEmptyTuple:
      push_tuple({});
      break;
    case kTuple:
      push_tuple(pop_to_mark());
      break;
    case kTuple1:
      push_last_as_tuple(1);
      break;
    case kTuple2:
      push_last_as_tuple(2);
      break;
    case kTuple3:
      push_last_as_tuple(3);
      break;
    case kEmptyList:
      lists_.emplace_back();
      push(Pickled::List{lists_.size() - 1});
      break;
    case kAppend:
      append({pop()});
      break;
    case kAppends:
      append(pop_to_mark());
      break;
    case kEmptyDict:
      pickled_.dicts.emplace_back();
      push(Pickled::Dict{pickled_.dicts.size() - 1});
      break;
    case kSetItem: {
      const Value value = pop();
      const Value key = pop();
      set_items({key, value});
      break;
    }
    case kSetItems:
      set_items(pop_to_mark());
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
      const Value name = pop();
      const Value module = pop();
      push_global(as<std::string_view>(module, "the name of a module"),
                  as<std::string_view>(name, "the name of a global"));
      break;
    }
    case kReduce:
      reduce();
      break;
    case kBuild:  // attributes of a dict, of which a state dict's _metadata is one
      pop();
      as<Pickled::Dict>(top(), "a dict to set attributes of");
      break;
    case kBinPersistentId:
      load_storage();
      break;
    case kProtocol: {
      const auto version = reader_.take_fixed<std::uint8_t>();
      if (version > kLatestProtocol) {
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

void Unpickler::push(Value value) {
  if (stack_.size() == kMostStack) {
    throw reader_.mismatch("at most " + std::to_string(kMostStack) + " values on the stack",
                           "more");
  }
  stack_.push_back(value);
}

Value& Unpickler::top() {
  if (stack_.size() <= mark()) throw reader_.mismatch("a value on the stack", "none");
  return stack_.back();
}

Value Unpickler::pop() {
  const Value value = top();
  stack_.pop_back();
  return value;
}

Unpickler::Values Unpickler::pop_to_mark() {
  if (marks_.empty()) throw reader_.mismatch("a mark on the stack", "none");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  Values values(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return values;
}

void Unpickler::push_tuple(Values values) {
  tuples_.push_back(std::move(values));
  push(Pickled::Tuple{tuples_.size() - 1});
}

void Unpickler::push_last_as_tuple(std::size_t count) {
  if (stack_.size() - mark() < count) {
    throw reader_.mismatch(std::to_string(count) + " values on the stack",
                           std::to_string(stack_.size() - mark()));
  }
  const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
  Values values(first, stack_.end());
  stack_.erase(first, stack_.end());
  push_tuple(std::move(values));
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
    if (global.module == module && global.name == name) return push(global.value);
  }
  throw reader_.mismatch("nothing but tensors, numbers, strings and containers of them",
                         "\"" + std::string(module) + "." + std::string(name) +
                             "\"; save the state dict alone (torch.save(model.state_dict(), …))");
}

void Unpickler::append(Values values) {
  Values& list = lists_[as<Pickled::List>(top(), "a list to append to").index];
  list.insert(list.end(), values.begin(), values.end());
}

void Unpickler::set_items(const Values& values) {
  if (values.size() % 2 != 0) throw reader_.mismatch("keys with values", "a key without one");
  auto& items = pickled_.dicts[as<Pickled::Dict>(top(), "a dict to set items of").index];
  for (std::size_t i = 0; i < values.size(); i += 2) items.emplace_back(values[i], values[i + 1]);
}

/// The persistent id of a storage: ("storage", type, key, device, number of elements).
void Unpickler::load_storage() {
  const Value id = pop();
  const Values& parts = tuples_[as<Pickled::Tuple>(id, "the tuple that names a storage").index];
  const std::string_view* const tag =
      parts.size() == 5 ? std::get_if<std::string_view>(&parts[0]) : nullptr;
  if (tag == nullptr || *tag != "storage") {
    throw reader_.mismatch("(\"storage\", type, key, device, size)", "another persistent id");
  }
  storages_.push_back({as<Pickled::StorageType>(parts[1], "a type of storage").type,
                       as<std::string_view>(parts[2], "the key of a storage"),
                       as_size(parts[4], "a storage's number of elements")});
  push(Pickled::Storage{storages_.size() - 1});
}

void Unpickler::reduce() {
  const Value tuple = pop();
  const Values& arguments = tuples_[as<Pickled::Tuple>(tuple, "a tuple of arguments").index];
  const Value function = pop();
  switch (as<Pickled::Function>(function, "a function to call")) {
    case Pickled::Function::kOrderedDict:
      if (!arguments.empty()) throw reader_.mismatch("an empty OrderedDict to fill", "arguments");
      pickled_.dicts.emplace_back();
      push(Pickled::Dict{pickled_.dicts.size() - 1});
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
      push(arguments[0]);
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
  push(Pickled::Tensor{pickled_.tensors.size() - 1});
}

}  // namespace

Pickled unpickle(std::span<const std::byte> bytes, std::string_view file, std::string_view object) {
  return Unpickler(bytes, file, object).run();
}

}  // namespace polytag
