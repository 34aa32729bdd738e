#pragma once

#include <algorithm>
#include <cstddef>

#include "polytag/core/execution.hpp"

namespace polytag {

/// Runs task(index, context) for `count` indices, several at a time if the executor can. Each gets
/// a context that it may hand to kernels: its own and single-threaded if others run beside it.
template <class Task>
void run_isolated(const ExecutionContext& context, std::size_t count, const Task& task) {
  if (count <= 1 || context.executor.concurrency() == 1) {
    for (std::size_t index = 0; index < count; ++index) {
      const Workspace::Scope scope(context.workspace);
      task(index, context);
    }
    return;
  }
  const auto limit =
      context.workspace.share_of_rest(std::min(count, context.executor.concurrency()));
  parallel_for(context, count, [&](std::size_t index) {
    Workspace workspace = limit ? Workspace(*limit) : Workspace();
    SerialExecutor executor;
    task(index, ExecutionContext{workspace, executor, context.instruction_set});
  });
}

}  // namespace polytag
