#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "polytag/kernels/backend.hpp"
#include "polytag/nn/distance_columns.hpp"
#include "polytag/nn/isolated_tasks.hpp"

namespace polytag {

/// Attention whose scores have terms of relative position beside the dot products: of the query
/// with a vector of the distance (Shaw et al. 2018), of the key with one (Huang et al. 2020), and a
/// bias of the distance (Raffel et al. 2020). Immutable; layers may share it.
template <KernelBackend Backend>
class RelativePositions {
 public:
  /// @param columns  of the tables below; layers share them
  /// @param scale    of the scores; none: 1 / sqrt(head size)
  explicit RelativePositions(std::shared_ptr<const DistanceColumns> columns,
                             std::optional<float> scale = {})
      : columns_(std::move(columns)), scale_(scale) {}

  /// Adds query . table[distance] to scores.
  /// @param table  [rows, hidden], or [rows, head size] for a table that all heads share
  void add_keys(MatrixView<const float> table, std::size_t head_size, Precision precision) {
    keys_ = packed(table, head_size, precision);
  }
  /// Adds key . table[distance] to scores. @param table  likewise
  void add_queries(MatrixView<const float> table, std::size_t head_size, Precision precision) {
    queries_ = packed(table, head_size, precision);
  }
  /// Adds table[distance] to scaled scores. @param table  [rows, heads]
  void add_bias(MatrixView<const float> table) {
    bias_ = Tensor({table.columns, columns_->rows().size()});
    for (std::size_t head = 0; head < table.columns; ++head) {
      for (std::size_t column = 0; column < columns_->rows().size(); ++column) {
        bias_.matrix().row(head)[column] = table.row(columns_->rows()[column])[head];
      }
    }
  }

  /// See Backend::self_attention.
  void attend(AttentionInput input, MatrixView<float> output,
              const ExecutionContext& context) const {
    if (input.query.rows == 0) return;
    const Workspace::Scope scope(context.workspace);
    std::size_t longest = 1;
    for (std::size_t i = 0; i < input.attended_lengths.size(); ++i) {
      longest = std::max(
          {longest, input.attended_lengths[i], input.query_starts[i + 1] - input.query_starts[i]});
    }
    input.scale = scale_;
    input.relative.columns = columns_->within(longest, context.workspace);
    if (bias_.size() != 0) input.relative.bias = bias_.matrix();
    if (keys_.empty() && queries_.empty()) return Backend::self_attention(input, output, context);
    const std::size_t width = columns_->width(longest);
    run_isolated(context, input.num_heads, [&](std::size_t head, const ExecutionContext& own) {
      attend_head(input, head, width, output, own);
    });
  }

 private:
  using PackedLinears = std::vector<typename Backend::PackedLinear>;

  PackedLinears packed(MatrixView<const float> table, std::size_t head_size,
                       Precision precision) const {
    // Terms go into scores as they are: int8 would round them far more than queries and keys are.
    const Precision least = precision == Precision::kInt8 ? Precision::kBfloat16 : precision;
    PackedLinears heads;
    Tensor rows({columns_->rows().size(), head_size});
    for (std::size_t begin = 0; begin < table.columns; begin += head_size) {
      for (std::size_t column = 0; column < columns_->rows().size(); ++column) {
        std::ranges::copy(table.row(columns_->rows()[column]).subspan(begin, head_size),
                          rows.matrix().row(column).begin());
      }
      heads.emplace_back(std::as_const(rows).matrix(), std::span<const float>(), least);
    }
    return heads;
  }

  void attend_head(AttentionInput input, std::size_t head, std::size_t width,
                   MatrixView<float> output, const ExecutionContext& context) const {
    const std::size_t size = output.columns / input.num_heads;
    const auto part = [&](auto matrix) { return matrix.column_range(head * size, size); };
    input.query = part(input.query);
    input.key = part(input.key);
    input.value = part(input.value);
    input.num_heads = 1;
    const auto table_of = [head](const PackedLinears& tables) -> const auto& {
      return tables[tables.size() == 1 ? 0 : head];  // one for all heads
    };
    if (!keys_.empty()) {
      const auto terms = context.workspace.matrix(input.query.rows, width);
      table_of(keys_).apply(input.query, terms, {.leading_features = true}, context);
      input.relative.query = terms;
    }
    if (!queries_.empty()) {
      const auto terms = context.workspace.matrix(input.key.rows, width);
      for (std::size_t i = 0; i < input.attended_lengths.size(); ++i) {
        const std::size_t start = input.key_starts[i];  // what is not attended to has no keys
        const std::size_t rows = input.attended_lengths[i];
        table_of(queries_).apply(input.key.row_range(start, rows), terms.row_range(start, rows),
                                 {.leading_features = true}, context);
      }
      input.relative.key = terms;
    }
    if (input.relative.bias.data != nullptr) {
      input.relative.bias = input.relative.bias.row_range(head, 1);
    }
    Backend::self_attention(input, part(output), context);
  }

  std::shared_ptr<const DistanceColumns> columns_;
  std::optional<float> scale_;
  PackedLinears keys_;     // [heads] or one, [head size] -> [columns]; or none
  PackedLinears queries_;  // likewise
  Tensor bias_;            // [heads, columns], or empty
};

}  // namespace polytag
