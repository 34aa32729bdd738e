#pragma once

#include <cstddef>
#include <functional>
#include <optional>

namespace polytag {

/// The physical memory of a process, its program and mapped files included.
struct ResidentMemory {
  std::size_t bytes;
  std::size_t peak_bytes;  ///< the most that it ever was, to a few MB: the kernel marks it so
};

/// What this process occupies. Both are 0 where the system does not tell.
ResidentMemory resident_memory();

/// Runs `work` in a forked process and returns the memory which that process occupies afterwards,
/// so that neither earlier work nor freed memory that the allocator keeps counts. Objects that
/// `work` makes must outlive it. To be called before this process has threads.
/// @return none if `work` throws or the system does not tell
/// @throws IoError if no process can be started
std::optional<ResidentMemory> resident_memory_after(const std::function<void()>& work);

}  // namespace polytag
