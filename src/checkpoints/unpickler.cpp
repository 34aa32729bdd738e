#include "checkpoints/unpickler.hpp"

#include <bit>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoints/pickle_heap.hpp"
#include "checkpoints/pickle_opcodes.hpp"
#include "checkpoints/pickle_stack.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

using namespace pickle_opcodes;
using Value = Pickled::Value;
using Values = Pickled::Values;

constexpr unsigned kFirstProtocol = 2, kLatestProtocol = 5;

class Unpickler {
 public:
  Unpickler(std::span<const std::byte> bytes, std::string_view file, std::string_view object)
      : reader_(bytes, file, object), stack_(reader_), heap_(reader_, bytes.size()) {}

  Unpickled run();

 private:
  // Each of these obeys an opcode that is of its kind, and tells whether it was.
  bool push_constant(std::uint8_t opcode);
  bool push_text(std::uint8_t opcode);
  bool arrange_stack(std::uint8_t opcode);
  bool use_memo(std::uint8_t opcode);
  bool build_sequence(std::uint8_t opcode);
  bool build_dict(std::uint8_t opcode);
  bool build_object(std::uint8_t opcode);
  bool make_instance(std::uint8_t opcode);
  bool read_frame(std::uint8_t opcode);

  Value take_integer_line();
  Value take_long(std::uint64_t size);
  void push_bytes(std::uint64_t size);
  void remember(std::size_t index);
  void recall(std::size_t index);

  ByteReader reader_;
  PickleStack stack_;
  PickleHeap heap_;
  std::vector<std::optional<Value>> memo_;
};

Unpickled Unpickler::run() {
  for (;;) {
    const auto opcode = reader_.take_fixed<std::uint8_t>();
    if (opcode == kStop) break;
    const bool known = push_constant(opcode) || push_text(opcode) || arrange_stack(opcode) ||
                       use_memo(opcode) || build_sequence(opcode) || build_dict(opcode) ||
                       build_object(opcode) || make_instance(opcode) || read_frame(opcode);
    if (!known) {
      throw reader_.mismatch("an opcode that torch.save writes",
                             "opcode " + std::to_string(opcode));
    }
  }
  Pickled value = heap_.finish(stack_.pop());
  return {std::move(value), reader_.position()};
}

bool Unpickler::push_constant(std::uint8_t opcode) {
  switch (opcode) {
    case kNone:
      stack_.push(Pickled::None{});
      break;
    case kNewTrue:
      stack_.push(true);
      break;
    case kNewFalse:
      stack_.push(false);
      break;
    case kInt:
    case kLong:
      stack_.push(take_integer_line());
      break;
    case kBinInt:
      stack_.push(std::int64_t{static_cast<std::int32_t>(reader_.take_fixed<std::uint32_t>())});
      break;
    case kBinInt1:
      stack_.push(std::int64_t{reader_.take_fixed<std::uint8_t>()});
      break;
    case kBinInt2:
      stack_.push(std::int64_t{reader_.take_fixed<std::uint16_t>()});
      break;
    case kLong1:
      stack_.push(take_long(reader_.take_fixed<std::uint8_t>()));
      break;
    case kLong4:
      stack_.push(take_long(reader_.take_fixed<std::uint32_t>()));
      break;
    case kBinFloat:
      stack_.push(std::bit_cast<double>(reader_.take_big_endian()));
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::push_text(std::uint8_t opcode) {
  switch (opcode) {
    case kShortBinString:  // Python 2's names of tensors
    case kShortBinUnicode:
      stack_.push(reader_.take_text(reader_.take_fixed<std::uint8_t>()));
      break;
    case kBinString:
    case kBinUnicode:
      stack_.push(reader_.take_text(reader_.take_fixed<std::uint32_t>()));
      break;
    case kBinUnicode8:
      stack_.push(reader_.take_text(reader_.take_fixed<std::uint64_t>()));
      break;
    case kShortBinBytes:
      push_bytes(reader_.take_fixed<std::uint8_t>());
      break;
    case kBinBytes:
      push_bytes(reader_.take_fixed<std::uint32_t>());
      break;
    case kBinBytes8:
    case kByteArray8:
      push_bytes(reader_.take_fixed<std::uint64_t>());
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::arrange_stack(std::uint8_t opcode) {
  switch (opcode) {
    case kMark:
      stack_.push_mark();
      break;
    case kPop:
      stack_.drop();
      break;
    case kPopMark:
      stack_.pop_to_mark();
      break;
    case kDuplicate:
      stack_.push(stack_.top());
      break;
    default:
      return false;
  }
  return true;
}

void Unpickler::recall(std::size_t index) {
  if (index >= memo_.size() || !memo_[index]) {
    throw reader_.mismatch("one of " + std::to_string(memo_.size()) + " memoized objects",
                           "number " + std::to_string(index));
  }
  stack_.push(*memo_[index]);
}

/// Picklers count up, some with gaps, so that a number is never beyond the opcodes so far.
void Unpickler::remember(std::size_t index) {
  if (index >= reader_.position()) {
    throw reader_.mismatch(
        "at most object " + std::to_string(reader_.position()) + " to be memoized",
        "number " + std::to_string(index));
  }
  if (index >= memo_.size()) memo_.resize(index + 1);
  memo_[index] = stack_.top();
}

bool Unpickler::use_memo(std::uint8_t opcode) {
  switch (opcode) {
    case kBinGet:
      recall(reader_.take_fixed<std::uint8_t>());
      break;
    case kLongBinGet:
      recall(reader_.take_fixed<std::uint32_t>());
      break;
    case kBinPut:
      remember(reader_.take_fixed<std::uint8_t>());
      break;
    case kLongBinPut:
      remember(reader_.take_fixed<std::uint32_t>());
      break;
    case kMemoize:
      remember(memo_.size());
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::build_sequence(std::uint8_t opcode) {
  switch (opcode) {
    case kEmptyTuple:
      stack_.push(heap_.add_tuple({}));
      break;
    case kTuple:
      stack_.push(heap_.add_tuple(stack_.pop_to_mark()));
      break;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      stack_.push(heap_.add_tuple(stack_.pop_last(opcode - kTuple1 + std::size_t{1})));
      break;
    case kEmptyList:
      stack_.push(heap_.add_list({}));
      break;
    case kList:
      stack_.push(heap_.add_list(stack_.pop_to_mark()));
      break;
    case kAppend: {
      const Value value = stack_.pop();
      heap_.append(stack_.top(), {value});
      break;
    }
    case kAppends: {
      const Values values = stack_.pop_to_mark();
      heap_.append(stack_.top(), values);
      break;
    }
    case kEmptySet:
      stack_.push(heap_.opaque());
      break;
    case kAddItems:
      stack_.pop_to_mark();
      break;
    case kFrozenSet:
      stack_.pop_to_mark();
      stack_.push(heap_.opaque());
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::build_dict(std::uint8_t opcode) {
  switch (opcode) {
    case kEmptyDict:
      stack_.push(heap_.add_dict({}));
      break;
    case kDict:
      stack_.push(heap_.add_dict(stack_.pop_to_mark()));
      break;
    case kSetItem: {
      const Values key_and_value = stack_.pop_last(2);
      heap_.set_items(stack_.top(), key_and_value);
      break;
    }
    case kSetItems: {
      const Values keys_and_values = stack_.pop_to_mark();
      heap_.set_items(stack_.top(), keys_and_values);
      break;
    }
    default:
      return false;
  }
  return true;
}

bool Unpickler::build_object(std::uint8_t opcode) {
  switch (opcode) {
    case kGlobal: {
      const std::string_view module = reader_.take_line();
      stack_.push(heap_.add_global(module, reader_.take_line()));
      break;
    }
    case kStackGlobal: {
      const Value name = stack_.pop();
      const Value module = stack_.pop();
      stack_.push(heap_.add_global(heap_.as_text(module, "the name of a module"),
                                   heap_.as_text(name, "the name of a global")));
      break;
    }
    case kReduce: {
      const Value arguments = stack_.pop();
      const Value function = stack_.pop();
      stack_.push(heap_.call(function, arguments));
      break;
    }
    case kBuild:
      stack_.pop();
      heap_.set_state(stack_.top());
      break;
    case kBinPersistentId:
      stack_.push(heap_.persistent(stack_.pop()));
      break;
    default:
      return false;
  }
  return true;
}

bool Unpickler::make_instance(std::uint8_t opcode) {
  switch (opcode) {
    case kNewObject:
      stack_.pop();
      stack_.push(heap_.create(stack_.pop()));
      break;
    case kNewObjectEx:
      stack_.pop_last(2);
      stack_.push(heap_.create(stack_.pop()));
      break;
    case kInstance: {
      const std::string_view module = reader_.take_line();
      const Value type = heap_.add_global(module, reader_.take_line());
      stack_.pop_to_mark();
      stack_.push(heap_.create(type));
      break;
    }
    case kObject: {
      const Values type_and_arguments = stack_.pop_to_mark();
      if (type_and_arguments.empty()) throw reader_.mismatch("a class", "none");
      stack_.push(heap_.create(type_and_arguments.front()));
      break;
    }
    default:
      return false;
  }
  return true;
}

bool Unpickler::read_frame(std::uint8_t opcode) {
  if (opcode == kFrame) {
    reader_.take_fixed<std::uint64_t>();
    return true;
  }
  if (opcode != kProtocol) return false;
  const auto version = reader_.take_fixed<std::uint8_t>();
  if (version < kFirstProtocol || version > kLatestProtocol) {
    throw reader_.mismatch("pickle protocol 2 to 5", std::to_string(version));
  }
  return true;
}

/// An integer in decimal digits; "00" and "01" are truth values. Larger ones become opaque.
Value Unpickler::take_integer_line() {
  std::string_view line = reader_.take_line();
  if (line == "00") return false;
  if (line == "01") return true;
  if (line.ends_with('L')) line.remove_suffix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (line.empty() || error == std::errc::invalid_argument || end != line.data() + line.size()) {
    throw reader_.mismatch("an integer", "\"" + std::string(line.substr(0, 20)) + "\"");
  }
  return error == std::errc() ? Value(value) : heap_.opaque();
}

/// A little-endian number in two's complement. Those of more than 64 bits, which states of random
/// generators have, become opaque.
Value Unpickler::take_long(std::uint64_t size) {
  const auto bytes = reader_.take(size);
  if (bytes.size() > sizeof(std::int64_t)) return heap_.opaque();
  const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return static_cast<std::int64_t>(value);
}

void Unpickler::push_bytes(std::uint64_t size) {
  reader_.take(size);
  stack_.push(heap_.opaque());
}

}  // namespace

Unpickled unpickle(std::span<const std::byte> bytes, std::string_view file,
                   std::string_view object) {
  return Unpickler(bytes, file, object).run();
}

}  // namespace polytag
