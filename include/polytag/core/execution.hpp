#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/core/workspace.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Arithmetic of the matrix products. Sums, layer norm and softmax are float32 in all of them.
enum class Precision {
  kFloat32,
  kBfloat16,  ///< operands rounded to bfloat16, products summed in float32
  kInt8,      ///< weights scaled per output channel, activations per row, summed in int32
  kAuto,      ///< resolved at load: int8 for a model whose weights are int8 on disk, else bfloat16
              ///< where the CPU multiplies it, else float32
};

/// "float32", "bfloat16", "int8", "auto".
POLYTAG_EXPORT std::string_view to_string(Precision precision) noexcept;
/// @throws ArgumentError for an unknown name, listing the known ones
POLYTAG_EXPORT Precision parse_precision(std::string_view name);

/// What a forward pass runs with. One call's; not thread-safe. Everything it names is borrowed
/// and outlives the call.
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
