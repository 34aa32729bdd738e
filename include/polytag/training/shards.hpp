#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/training/parameter_store.hpp"
#include "polytag/training/target.hpp"

namespace polytag::training {

/// Cuts a batch into shards: texts by descending length, equal ones by their place, each to the
/// shard that has the fewest tokens until then, the lowest of several. Lengths alone decide.
/// @param shards  out, each the places of its texts, ascending; [shards] on entry
POLYTAG_EXPORT void assign_shards(std::span<const TrainingText> texts,
                                  std::span<std::vector<std::size_t>> shards);

/// Adds up gradients of shards pairwise, ((0 + 1) + (2 + 3)) + …, whatever order they come in. A
/// shard without texts is left out of its sum. Thread-safe but for begin().
class POLYTAG_EXPORT GradientTree {
 public:
  /// @param shards    a power of two
  /// @param left_out  a parameter whose gradient is summed elsewhere, and whose memory is untouched
  GradientTree(const ParameterLayout& layout, const ParameterPlace& left_out, std::size_t shards);

  /// Begins a batch. @param sum  where its gradient goes, but for what is left out
  void begin(std::span<float> sum);

  /// A buffer of zeros of the layout, for the gradient of a shard.
  std::span<float> take();
  /// Adds a shard's gradient, which take() gave, or none for a shard without texts.
  void add(std::size_t shard, std::optional<std::span<float>> gradient);

 private:
  struct Node {
    bool is_there = false;
    float* gradient = nullptr;  // null: of no text
  };
  void sum_up(const float* left, const float* right, float* to) const;
  void release(float* buffer);

  std::size_t size_;
  std::size_t gap_begin_, gap_end_;  // of what is left out
  std::size_t shards_;
  std::span<float> sum_;
  std::mutex mutex_;
  std::vector<Node> nodes_;  // the root is 1, the children of i are 2i and 2i + 1
  std::vector<AlignedBuffer<float>> buffers_;
  std::vector<float*> free_;
};

/// The gradient of a table of which each token of a batch has read one row.
class POLYTAG_EXPORT RowGradients {
 public:
  /// @param columns  of the table
  explicit RowGradients(std::size_t columns) : columns_(columns) {}

  /// Begins a batch. @param shards, texts  as assign_shards() made them
  void begin(std::span<const std::vector<std::size_t>> shards, std::span<const TrainingText> texts);
  /// Where a shard puts the gradients of its tokens' rows, in the order of its texts.
  MatrixView<float> of_shard(std::size_t shard);

  /// Sums up rows of the same id: ascending tokens of a shard, then shards pairwise. Rows that
  /// earlier batches wrote and this one does not are set to zero.
  /// @param table  [rows, columns], out
  /// @return the sum of squares of all rows before they are summed up
  double write(MatrixView<float> table, Executor& executor);

 private:
  /// Sums the rows of one id's tokens in a range of shards. The tokens ascend; there is at least
  /// one.
  void sum_up(std::span<const std::uint64_t> tokens, std::size_t first, std::size_t last,
              std::span<float> scratch, std::span<float> to) const;

  std::size_t columns_;
  AlignedBuffer<float> rows_;             // [tokens, columns]
  std::vector<std::size_t> first_token_;  // [shards + 1]
  std::vector<std::uint64_t> tokens_;     // id << 32 | place among all tokens
  std::vector<std::size_t> first_of_id_;  // into tokens_, [ids + 1]
  std::vector<std::size_t> written_;      // ids of the batch before
  std::vector<float> scratch_;  // [threads, shards + 1, columns], of which a tree's depth is used
};

}  // namespace polytag::training
