#pragma once

#include <cstddef>
#include <functional>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/core/precision.hpp"
#include "polytag/core/workspace.hpp"

namespace polytag {

/// The resources of one forward pass; not shared between calls. All of them are borrowed
/// and outlive the call.
struct ExecutionContext {
  Workspace& workspace;
  Executor& executor;
  InstructionSet instruction_set;
};

/// Part `index` of `count` items cut into `parts` runs of nearly equal length, each a multiple of
/// `granule` but for the last.
struct WorkRange {
  std::size_t begin;
  std::size_t end;
};
constexpr WorkRange work_range(std::size_t count, std::size_t parts, std::size_t index,
                               std::size_t granule = 1) {
  const std::size_t granules = (count + granule - 1) / granule;
  const std::size_t begin = granules * index / parts * granule;
  const std::size_t end = granules * (index + 1) / parts * granule;
  return {begin < count ? begin : count, end < count ? end : count};
}

/// Runs task(index) for `count` indices on the context's executor; on this thread if there is but
/// one.
template <class Task>
void parallel_for(const ExecutionContext& context, std::size_t count, const Task& task) {
  if (count == 1) {
    task(std::size_t{0});
  } else if (count > 1) {
    context.executor.run(count, std::cref(task));  // by reference: no allocation
  }
}

}  // namespace polytag
