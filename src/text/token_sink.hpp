#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "polytag/text/tokenizer.hpp"

namespace polytag::text {

/// Takes the tokens of a text one by one, stores the first or the last of them and counts all.
class TokenSink {
 public:
  /// @param most     how many are stored
  /// @param offsets  null if they are not asked for
  /// @param cut      the end that is not stored if there are more
  TokenSink(std::vector<std::int32_t>& ids, std::vector<TokenOffset>* offsets, std::size_t most,
            TruncationSide cut = TruncationSide::kRight)
      : ids_(ids), offsets_(offsets), room_(most) {
    if (cut == TruncationSide::kRight || most == kUnlimitedTokens) return;
    last_ = most;
    first_id_ = ids.size();
    first_offset_ = offsets == nullptr ? 0 : offsets->size();
    room_ = kUnlimitedTokens;
  }
  TokenSink(const TokenSink&) = delete;
  TokenSink& operator=(const TokenSink&) = delete;
  ~TokenSink() = default;

  void push(std::int32_t id) {
    pending_[pending_count_++] = id;
    if (pending_count_ == pending_.size()) flush();
  }
  void push(std::int32_t id, TokenOffset offset) {
    if (offsets_ != nullptr && offset_room() > 0) offsets_->push_back(offset);
    push(id);
  }

  /// Has to be called behind the last token. Returns how many there were.
  std::size_t finish() {
    flush();
    if (last_) drop_all_but_last();
    return count_;
  }

 private:
  std::size_t offset_room() const { return room_ - std::min(room_, pending_count_); }

  void flush() {
    const std::size_t stored = std::min(pending_count_, room_);
    ids_.insert(ids_.end(), pending_.begin(),
                pending_.begin() + static_cast<std::ptrdiff_t>(stored));
    room_ -= stored;
    count_ += pending_count_;
    pending_count_ = 0;
    // Twice as much is stored before it is dropped, so that each token moves once on average.
    if (last_ && ids_.size() - first_id_ > 2 * (*last_ + pending_.size())) drop_all_but_last();
  }

  void drop_all_but_last() {
    keep_last(ids_, first_id_);
    if (offsets_ != nullptr) keep_last(*offsets_, first_offset_);
  }

  template <class T>
  void keep_last(std::vector<T>& values, std::size_t first) const {
    const std::size_t stored = values.size() - first;
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    values.erase(begin, begin + static_cast<std::ptrdiff_t>(stored - std::min(stored, *last_)));
  }

  std::vector<std::int32_t>& ids_;
  std::vector<TokenOffset>* offsets_;
  std::size_t room_;
  std::optional<std::size_t> last_ = std::nullopt;  // how many, if the end is stored
  std::size_t first_id_ = 0;                        // what lay in the vectors before
  std::size_t first_offset_ = 0;
  std::size_t count_ = 0;
  std::size_t pending_count_ = 0;
  std::array<std::int32_t, 256> pending_;  // a vector's push_back costs as much as finding a word
};

}  // namespace polytag::text
