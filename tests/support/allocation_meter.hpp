#pragma once

#include <cstddef>

/// Counts what this thread asks the heap for. Programs that use it are built with
/// allocation_meter.cpp, which replaces operator new.
class AllocationMeter {
 public:
  AllocationMeter() noexcept : start_(requested()) {}

  /// Bytes requested since the meter began, whether or not they have been given back.
  std::size_t total() const noexcept { return requested() - start_; }

 private:
  static std::size_t requested() noexcept;

  std::size_t start_;
};
