#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "polytag/text/tokenizer.hpp"

namespace polytag::text {

/// Takes the tokens of a text one by one, stores the first of them and counts all.
class TokenSink {
 public:
  /// @param most     how many are stored
  /// @param offsets  null if they are not asked for
  TokenSink(std::vector<std::int32_t>& ids, std::vector<TokenOffset>* offsets, std::size_t most)
      : ids_(ids), offsets_(offsets), room_(most) {}
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
  }

  std::vector<std::int32_t>& ids_;
  std::vector<TokenOffset>* offsets_;
  std::size_t room_;
  std::size_t count_ = 0;
  std::size_t pending_count_ = 0;
  std::array<std::int32_t, 256> pending_;  // a vector's push_back costs as much as finding a word
};

}  // namespace polytag::text
