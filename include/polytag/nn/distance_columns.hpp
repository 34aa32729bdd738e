#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "polytag/core/workspace.hpp"

namespace polytag {

/// Which row of a table of relative positions each distance has. Rows are numbered anew, from that
/// of the nearest distance on: the distances within a short sequence have the first numbers, its
/// columns, and nothing beyond them is computed.
class DistanceColumns {
 public:
  /// @param reach   distances farther than this have the row of this one
  /// @param row_of  the row of a distance, query - key, from -reach to reach
  template <class RowOf>
  DistanceColumns(std::size_t reach, const RowOf& row_of) : columns_(2 * reach + 1) {
    constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::vector<std::uint32_t> column_of_row;
    const auto number = [&](std::ptrdiff_t distance) {
      const std::size_t row = row_of(distance);
      if (row >= column_of_row.size()) column_of_row.resize(row + 1, kNone);
      std::uint32_t& column = column_of_row[row];
      if (column == kNone) {
        column = static_cast<std::uint32_t>(rows_.size());
        rows_.push_back(row);
      }
      return column;
    };
    for (std::size_t d = 0; d <= reach; ++d) {
      const auto distance = static_cast<std::ptrdiff_t>(d);
      columns_[reach + d] = number(distance);
      columns_[reach - d] = number(-distance);
      widths_.push_back(rows_.size());
    }
  }

  /// The table's row of each column.
  std::span<const std::size_t> rows() const noexcept { return rows_; }

  /// How many columns the distances within a sequence of so many rows have. @param length  >= 1
  std::size_t width(std::size_t length) const {
    return widths_[std::min(length, widths_.size()) - 1];
  }

  /// The columns of the distances from -(length - 1) to length - 1.
  /// @return valid in the enclosing scope of the workspace @param length  >= 1
  std::span<const std::uint32_t> within(std::size_t length, Workspace& workspace) const {
    const std::size_t reach = widths_.size() - 1;
    const std::span all(columns_);
    if (length <= reach + 1) return all.subspan(reach + 1 - length, 2 * length - 1);
    const auto farther = workspace.allocate<std::uint32_t>(2 * length - 1);
    const std::size_t beyond = length - 1 - reach;
    std::fill_n(farther.begin(), beyond, columns_.front());
    std::copy(all.begin(), all.end(), farther.begin() + static_cast<std::ptrdiff_t>(beyond));
    std::fill_n(farther.rbegin(), beyond, columns_.back());
    return farther;
  }

 private:
  std::vector<std::uint32_t> columns_;  // [2 reach + 1]
  std::vector<std::size_t> rows_;       // [columns]
  std::vector<std::size_t> widths_;     // [reach + 1], columns up to each distance
};

}  // namespace polytag
