#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "polytag/core/execution.hpp"

namespace polytag {

/// Appends the text of `count` items in their order, made on all threads of the executor:
/// append_range(begin, end, out) appends that of items [begin, end).
template <class AppendRange>
void append_in_parallel(Executor& executor, std::size_t count, std::string& out,
                        const AppendRange& append_range) {
  if (count <= 1 || executor.concurrency() == 1) return append_range(std::size_t{0}, count, out);
  std::vector<std::string> parts(std::min(executor.concurrency(), count));
  executor.run(parts.size(), [&](std::size_t part) {
    const WorkRange range = work_range(count, parts.size(), part);
    append_range(range.begin, range.end, parts[part]);
  });
  for (const std::string& part : parts) out += part;
}

}  // namespace polytag
