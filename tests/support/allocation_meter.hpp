#pragma once

#include <cstddef>

// What a test sees of the heap, and does to it. Programs that use it are built with
// allocation_meter.cpp, which replaces operator new.

/// Counts what this thread asks the heap for.
class AllocationMeter {
 public:
  AllocationMeter() noexcept : start_(requested()) {}

  /// Bytes requested since the meter began, whether or not they have been given back.
  std::size_t total() const noexcept { return requested() - start_; }

 private:
  static std::size_t requested() noexcept;

  std::size_t start_;
};

/// Measures what all threads together hold on the heap. One at a time.
class HeapMeter {
 public:
  HeapMeter() noexcept;

  /// The most bytes that were held at a time since the meter began, beyond those held then.
  std::size_t peak() const noexcept;

 private:
  std::size_t start_;
};

/// How many allocations of the whole program have not been given back.
std::size_t live_allocations() noexcept;

/// While it lives, allocations of the whole program fail, on whatever thread. One at a time.
class AllocationFault {
 public:
  enum class Kind {
    kOnce,        ///< one alone
    kFromThenOn,  ///< it and all behind it, as when memory has run out
  };

  /// @param successes  how many allocations succeed before
  AllocationFault(std::size_t successes, Kind kind) noexcept;
  ~AllocationFault();
  AllocationFault(const AllocationFault&) = delete;
  AllocationFault& operator=(const AllocationFault&) = delete;

  /// Whether any has failed.
  bool happened() const noexcept;
};
