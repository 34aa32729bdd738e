#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "polytag/error.hpp"
#include "polytag/training/labelled_texts.hpp"
#include "training/random.hpp"

namespace polytag::training {

namespace {

/// Sorts by random keys: every order is as likely as any other.
template <class Item>
void shuffle(std::vector<Item>& items, std::uint64_t seed, std::size_t epoch, bool of_batches) {
  const auto part = static_cast<std::uint32_t>(2 * epoch + (of_batches ? 1 : 0));
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  for (std::size_t i = 0; i < items.size(); ++i) {
    keys.emplace_back(random_number(seed, RandomStream::kOrder, part, i), i);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<Item> shuffled;
  for (const auto& [key, place] : keys) shuffled.push_back(std::move(items[place]));
  items = std::move(shuffled);
}

}  // namespace

std::vector<std::vector<std::size_t>> epoch_batches(std::span<const std::size_t> lengths,
                                                    const BatchOptions& options,
                                                    std::size_t epoch) {
  if (options.batch_size == 0) throw ArgumentError::mismatch("batch size", "at least 1", "0");
  constexpr std::size_t kBatchesOfBucket = 32;
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, options.seed, epoch, false);
  if (options.group_by_length) {
    const std::size_t bucket = options.batch_size * kBatchesOfBucket;
    for (std::size_t begin = 0; begin < order.size(); begin += bucket) {
      const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto size = static_cast<std::ptrdiff_t>(std::min(bucket, order.size() - begin));
      std::stable_sort(first, first + size,
                       [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
    }
  }
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t begin = 0; begin < order.size(); begin += options.batch_size) {
    const std::size_t end = std::min(begin + options.batch_size, order.size());
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  if (options.drop_last && !batches.empty()) batches.pop_back();
  if (options.group_by_length) shuffle(batches, options.seed, epoch, true);
  return batches;
}

}  // namespace polytag::training
