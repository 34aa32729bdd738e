#pragma once

#include <cstddef>

#include "polytag/core/execution.hpp"

namespace polytag {

/// Rows of hidden states to take through several layers at a time, so that what one layer writes is
/// still in cache where the next reads it: 128 rows per thread. Measured: anything from 64 to 192
/// is equally fast.
inline std::size_t rows_in_cache(const ExecutionContext& context) {
  constexpr std::size_t kRowsOfAThread = 128;
  return kRowsOfAThread * context.executor.concurrency();
}

}  // namespace polytag
