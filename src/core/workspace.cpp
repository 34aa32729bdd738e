#include "polytag/core/workspace.hpp"

#include <algorithm>

namespace polytag {

namespace {

constexpr std::size_t kSmallestBlock = std::size_t{1} << 20;

}  // namespace

std::byte* Workspace::allocate_bytes(std::size_t bytes) {
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
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

std::size_t Workspace::capacity() const noexcept {
  std::size_t total = 0;
  for (const auto& block : blocks_) total += block.size();
  return total;
}

}  // namespace polytag
