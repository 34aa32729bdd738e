#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoints/pickled.hpp"
#include "files/byte_reader.hpp"

namespace polytag {

/// The stack of the pickle machine, with its marks. Nothing below the last mark can be reached.
class PickleStack {
 public:
  using Value = Pickled::Value;
  using Values = std::vector<Value>;

  /// @param reader  is asked where a fault lies; must outlive the stack
  explicit PickleStack(const ByteReader& reader) : reader_(reader) {}

  void push(Value value) {
    if (values_.size() == kMostValues) throw too_many("values");
    values_.push_back(value);
  }

  void push_mark() {
    if (marks_.size() == kMostValues) throw too_many("marks");
    marks_.push_back(values_.size());
  }

  const Value& top() const {
    if (reachable() == 0) throw reader_.mismatch("a value on the stack", "none");
    return values_.back();
  }

  Value pop() {
    const Value value = top();
    values_.pop_back();
    return value;
  }

  /// The last `count` values, in the order in which they were pushed.
  Values pop_last(std::size_t count) {
    if (reachable() < count) {
      throw reader_.mismatch(std::to_string(count) + " values on the stack",
                             std::to_string(reachable()));
    }
    const auto first = values_.end() - static_cast<std::ptrdiff_t>(count);
    Values last(first, values_.end());
    values_.erase(first, values_.end());
    return last;
  }

  /// Removes the last value, or the last mark if no value is above it.
  void drop() {
    if (reachable() == 0 && !marks_.empty()) {
      marks_.pop_back();
    } else {
      pop();
    }
  }

  /// All values above the last mark; the mark goes with them.
  Values pop_to_mark() {
    if (marks_.empty()) throw reader_.mismatch("a mark on the stack", "none");
    Values above = pop_last(reachable());
    marks_.pop_back();
    return above;
  }

 private:
  /// Upper bound of values and of marks. Picklers empty their stack every 1000 items.
  static constexpr std::size_t kMostValues = std::size_t{1} << 16;

  std::size_t reachable() const { return values_.size() - (marks_.empty() ? 0 : marks_.back()); }
  FormatError too_many(std::string_view what) const {
    return reader_.mismatch(
        "at most " + std::to_string(kMostValues) + " " + std::string(what) + " on the stack",
        "more");
  }

  const ByteReader& reader_;
  Values values_;
  std::vector<std::size_t> marks_;  // how many values there were
};

}  // namespace polytag
