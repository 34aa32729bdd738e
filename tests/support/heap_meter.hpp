#pragma once

#include <cstddef>

/// Measures what all threads together hold on the heap. Programs that use it are built with
/// heap_meter.cpp, which replaces operator new. One at a time.
class HeapMeter {
 public:
  HeapMeter() noexcept;

  /// The most bytes that were held at a time since the meter began, beyond those held then.
  std::size_t peak() const noexcept;

 private:
  std::size_t start_;
};
