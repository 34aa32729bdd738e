#pragma once

#include <cstddef>

#include "polytag/core/execution.hpp"
#include "polytag/nn/row_blocks.hpp"
#include "polytag/nn/sequence_layout.hpp"

namespace polytag {

/// Calls visit(first_row, rows, layout) for blocks of whole sequences, so that what one step of a
/// layer writes is still in cache where the next reads it. The block's layout counts from its first
/// row.
template <class Visit>
void for_each_block(const SequenceLayout& layout, const ExecutionContext& context,
                    const Visit& visit) {
  const std::size_t block = rows_in_cache(context);
  for (std::size_t begin = 0, count = 0; begin < layout.size(); begin += count) {
    count = layout.count_within(begin, block);
    const SequenceLayout sequences = layout.range(begin, count);
    const std::size_t first = sequences.sequence_starts.front();
    const Workspace::Scope scope(context.workspace);
    const auto starts = context.workspace.template allocate<std::size_t>(count + 1);
    for (std::size_t i = 0; i <= count; ++i) starts[i] = sequences.sequence_starts[i] - first;
    visit(first, starts.back(), SequenceLayout{starts, sequences.attended_lengths});
  }
}

}  // namespace polytag
