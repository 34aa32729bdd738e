#include "polytag/core/workspace.hpp"

#include <algorithm>

namespace polytag {

namespace {

constexpr std::size_t kSmallestBlock = std::size_t{1} << 20;

}  // namespace

std::byte* Workspace::allocate_bytes(std::size_t bytes) {
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (limit_) return allocate_within_limit(rounded);
  while (block_ < blocks_.size() && blocks_[block_].size() - used_ < rounded) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    // Doubling keeps the number of blocks, and so the memory lost at their ends, small.
    blocks_.emplace_back(std::max({rounded, kSmallestBlock, capacity()}));
  }
  std::byte* const result = blocks_[block_].data() + used_;
  used_ += rounded;
  return result;
}

std::byte* Workspace::allocate_within_limit(std::size_t bytes) {
  if (bytes > *limit_ - held_) throw WorkspaceFull();
  blocks_.emplace_back(bytes);
  block_ = blocks_.size();
  held_ += bytes;
  peak_ = std::max(peak_, held_);
  return blocks_.back().data();
}

void Workspace::free_behind(std::size_t block, std::size_t used) noexcept {
  block_ = block;
  used_ = used;
  if (!limit_) return;
  for (; blocks_.size() > block; blocks_.pop_back()) held_ -= blocks_.back().size();
}

std::optional<std::size_t> Workspace::share_of_rest(std::size_t count) const noexcept {
  if (!limit_) return std::nullopt;
  return (*limit_ - held_) / std::max<std::size_t>(count, 1);
}

std::size_t Workspace::capacity() const noexcept {
  std::size_t total = 0;
  for (const auto& block : blocks_) total += block.size();
  return total;
}

}  // namespace polytag
