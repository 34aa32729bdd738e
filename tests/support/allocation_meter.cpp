#include "support/allocation_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

thread_local std::size_t requested_bytes = 0;
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> held{0};  // bytes
std::atomic<std::size_t> most_held{0};
std::atomic<std::size_t> allocations{0};  // since a fault began
std::atomic<std::size_t> first_failure{kNever};
std::atomic<std::size_t> last_failure{kNever};

bool fails() noexcept {
  const std::size_t number = allocations.fetch_add(1, std::memory_order_relaxed);
  return number >= first_failure.load(std::memory_order_relaxed) &&
         number <= last_failure.load(std::memory_order_relaxed);
}

void hold(std::size_t bytes) noexcept {
  const std::size_t now = held.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  for (std::size_t most = most_held.load(); now > most;) {
    if (most_held.compare_exchange_weak(most, now)) break;
  }
}

void* allocate(std::size_t size, std::size_t alignment) {
  requested_bytes += size;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (rounded < size || fails()) throw std::bad_alloc();
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  live.fetch_add(1, std::memory_order_relaxed);
  hold(::malloc_usable_size(memory));
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  held.fetch_sub(::malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::size_t AllocationMeter::requested() noexcept { return requested_bytes; }

HeapMeter::HeapMeter() noexcept : start_(held.load()) { most_held = start_; }

std::size_t HeapMeter::peak() const noexcept {
  const std::size_t most = most_held.load();
  return most > start_ ? most - start_ : 0;
}

std::size_t live_allocations() noexcept { return live.load(); }

AllocationFault::AllocationFault(std::size_t successes, Kind kind) noexcept {
  allocations = 0;
  last_failure = kind == Kind::kOnce ? successes : kNever;
  first_failure = successes;
}
AllocationFault::~AllocationFault() { first_failure = kNever; }

bool AllocationFault::happened() const noexcept {
  return allocations.load() > first_failure.load();
}

// The array forms call these; a sanitizer's own nothrow forms would not.
void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
