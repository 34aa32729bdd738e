#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "checkpoints/pickled.hpp"
#include "files/byte_reader.hpp"

namespace polytag {

/// The objects of the pickle machine while it runs. The results of the functions in
/// Pickled::Function are computed here; any other call yields an opaque object.
class PickleHeap {
 public:
  using Value = Pickled::Value;
  using Values = Pickled::Values;

  /// @param reader  is asked where a fault lies; must outlive the heap
  /// @param size    of the pickle in bytes, which bounds what calls may copy
  PickleHeap(const ByteReader& reader, std::size_t size);

  Value add_tuple(Values values);
  Value add_list(Values values);
  Value add_dict(const Values& keys_and_values);
  /// A class or function by its name.
  Value add_global(std::string_view module, std::string_view name);
  /// Bytes, sets and the like, which no tensor is made of.
  Value opaque() const { return Pickled::Object{0}; }

  void append(const Value& list, const Values& values);
  void set_items(const Value& dict, const Values& keys_and_values);
  /// Attributes: a state dict's _metadata, an object's fields. They are dropped.
  void set_state(const Value& object) const;

  /// The value of function(*arguments).
  Value call(const Value& function, const Value& arguments);
  /// An instance of a class.
  Value create(const Value& type);
  /// The object that a persistent id stands for.
  Value persistent(const Value& id);

  /// A text that an opcode takes from the stack.
  std::string_view as_text(const Value& value, std::string_view expected) const {
    return as<std::string_view>(value, expected);
  }

  Pickled finish(Value root);

 private:
  /// A value as one of the alternatives, or an error that names what was expected.
  template <class T>
  const T& as(const Value& value, std::string_view expected) const {
    if (const T* const held = std::get_if<T>(&value)) return *held;
    throw wrong_kind(value, expected);
  }
  FormatError wrong_kind(const Value& value, std::string_view expected) const;
  std::uint64_t as_size(const Value& value, std::string_view expected) const;
  std::vector<std::size_t> as_sizes(const Value& value, std::string_view expected) const;

  /// An object of which nothing but a name is known.
  Value add_object(std::string_view module, std::string_view name);
  Value new_dict(const Values& arguments);
  void add_pairs(Pickled::Items& items, const Values& pairs);
  Value rebuild_tensor(const Values& arguments);
  Value rebuild_parameter(const Values& arguments);
  Value rebuild_from_type(const Values& arguments);
  Value storage(const Values& id);

  const ByteReader& reader_;
  std::size_t copies_left_;  // of items of lists into dicts
  std::vector<Values> tuples_;
  Pickled pickled_;
};

}  // namespace polytag
