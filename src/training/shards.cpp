#include "polytag/training/shards.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

#include "polytag/core/execution.hpp"
#include "polytag/error.hpp"

namespace polytag::training {

void assign_shards(std::span<const TrainingText> texts,
                   std::span<std::vector<std::size_t>> shards) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t text) { return texts[text].ids.size(); });
  std::vector<std::size_t> tokens(shards.size(), 0);
  for (std::vector<std::size_t>& shard : shards) shard.clear();
  for (const std::size_t text : order) {
    const auto shard = static_cast<std::size_t>(std::ranges::min_element(tokens) - tokens.begin());
    shards[shard].push_back(text);
    tokens[shard] += texts[text].ids.size();
  }
  for (std::vector<std::size_t>& shard : shards) std::ranges::sort(shard);
}

GradientTree::GradientTree(const ParameterLayout& layout, const ParameterPlace& left_out,
                           std::size_t shards)
    : size_(layout.size()),
      gap_begin_(left_out.offset),
      gap_end_(left_out.offset + left_out.count),
      shards_(shards),
      nodes_(2 * shards) {
  if (shards == 0 || (shards & (shards - 1)) != 0) {
    throw ArgumentError::mismatch("shards", "a power of two", std::to_string(shards));
  }
}

void GradientTree::begin(std::span<float> sum) {
  free_.clear();  // a batch that ended with an exception gave none back
  for (AlignedBuffer<float>& buffer : buffers_) free_.push_back(buffer.data());
  sum_ = sum;
  std::ranges::fill(nodes_, Node{});
}

std::span<float> GradientTree::take() {
  float* buffer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      buffers_.emplace_back(size_);
      free_.reserve(buffers_.size());
      free_.push_back(buffers_.back().data());
    }
    buffer = free_.back();
    free_.pop_back();
  }
  std::fill(buffer, buffer + gap_begin_, 0.0F);
  std::fill(buffer + gap_end_, buffer + size_, 0.0F);
  return {buffer, size_};
}

void GradientTree::release(float* buffer) {
  const std::lock_guard lock(mutex_);
  free_.push_back(buffer);
}

void GradientTree::add(std::size_t shard, std::optional<std::span<float>> gradient) {
  float* own = gradient ? gradient->data() : nullptr;
  std::size_t index = shards_ + shard;
  while (index > 1) {
    float* other = nullptr;
    {
      const std::lock_guard lock(mutex_);
      Node& sibling = nodes_[index ^ 1];
      if (!sibling.is_there) {
        nodes_[index] = {true, own};
        return;
      }
      other = std::exchange(sibling.gradient, nullptr);
    }
    if (own != nullptr && other != nullptr) {
      const bool is_left = index % 2 == 0;
      float* const left = is_left ? own : other;
      float* const right = is_left ? other : own;
      if (index / 2 == 1) {
        sum_up(left, right, sum_.data());
        release(left);
        release(right);
        return;
      }
      sum_up(left, right, left);
      release(right);
      own = left;
    } else if (own == nullptr) {
      own = other;
    }
    index /= 2;
  }
  // One shard alone has texts.
  if (own == nullptr) return;
  std::copy(own, own + gap_begin_, sum_.data());
  std::copy(own + gap_end_, own + size_, sum_.data() + gap_end_);
  release(own);
}

void GradientTree::sum_up(const float* left, const float* right, float* to) const {
  for (std::size_t i = 0; i < gap_begin_; ++i) to[i] = left[i] + right[i];
  for (std::size_t i = gap_end_; i < size_; ++i) to[i] = left[i] + right[i];
}

void RowGradients::begin(std::span<const std::vector<std::size_t>> shards,
                         std::span<const TrainingText> texts) {
  first_token_.assign(1, 0);
  tokens_.clear();
  for (const std::vector<std::size_t>& shard : shards) {
    for (const std::size_t text : shard) {
      for (const std::int32_t id : texts[text].ids) {
        tokens_.push_back(static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)) << 32 |
                          tokens_.size());
      }
    }
    first_token_.push_back(tokens_.size());
  }
  if (rows_.size() < tokens_.size() * columns_) {
    rows_ = AlignedBuffer<float>(tokens_.size() * columns_);
  }
}

MatrixView<float> RowGradients::of_shard(std::size_t shard) {
  return {rows_.data() + first_token_[shard] * columns_,
          first_token_[shard + 1] - first_token_[shard], columns_};
}

double RowGradients::write(MatrixView<float> table, Executor& executor) {
  double squares = 0;
  for (std::size_t i = 0; i < tokens_.size() * columns_; ++i) {
    squares += double{rows_.data()[i]} * double{rows_.data()[i]};
  }
  for (const std::size_t id : written_) std::ranges::fill(table.row(id), 0.0F);

  std::ranges::sort(tokens_);
  written_.clear();
  first_of_id_.clear();
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const auto id = static_cast<std::size_t>(tokens_[i] >> 32);
    if (!written_.empty() && written_.back() == id) continue;
    written_.push_back(id);
    first_of_id_.push_back(i);
  }
  first_of_id_.push_back(tokens_.size());

  const std::size_t tasks = std::clamp<std::size_t>(executor.concurrency(), 1, written_.size());
  const std::size_t scratch_size = first_token_.size() * columns_;
  scratch_.resize(tasks * scratch_size);
  const auto run = [&, tasks](std::size_t task) {
    const WorkRange range = work_range(written_.size(), tasks, task);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      sum_up(std::span(tokens_).subspan(first_of_id_[i], first_of_id_[i + 1] - first_of_id_[i]), 0,
             first_token_.size() - 1,
             std::span(scratch_).subspan(task * scratch_size, scratch_size),
             table.row(written_[i]));
    }
  };
  executor.run(tasks, std::cref(run));
  return squares;
}

void RowGradients::sum_up(std::span<const std::uint64_t> tokens, std::size_t first,
                          std::size_t last, std::span<float> scratch, std::span<float> to) const {
  const auto place = [](std::uint64_t token) {
    return static_cast<std::size_t>(token & 0xFFFFFFFFU);
  };
  if (last - first == 1) {
    std::copy_n(rows_.data() + place(tokens.front()) * columns_, columns_, to.data());
    for (const std::uint64_t token : tokens.subspan(1)) {
      const float* const row = rows_.data() + place(token) * columns_;
      for (std::size_t i = 0; i < columns_; ++i) to[i] += row[i];
    }
    return;
  }
  const std::size_t middle = (first + last) / 2;
  const auto split = static_cast<std::size_t>(
      std::ranges::lower_bound(tokens, first_token_[middle], {}, place) - tokens.begin());
  const auto left = tokens.first(split);
  const auto right = tokens.subspan(split);
  if (right.empty()) return sum_up(left, first, middle, scratch, to);
  if (left.empty()) return sum_up(right, middle, last, scratch, to);
  const auto sum = scratch.first(columns_);
  sum_up(left, first, middle, scratch.subspan(columns_), to);
  sum_up(right, middle, last, scratch.subspan(columns_), sum);
  std::ranges::transform(to, sum, to.begin(), std::plus{});
}

}  // namespace polytag::training
