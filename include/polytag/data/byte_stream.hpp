#pragma once

#include <cstddef>
#include <span>

#include "polytag/export.hpp"

namespace polytag {

/// Bytes that arrive one block after the other: a file, a pipe, the body of a request.
class POLYTAG_EXPORT ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Waits for bytes and takes as many as fit. @return how many; 0 at the end
  virtual std::size_t read(std::span<char> block) = 0;
  /// Whether read() would return without waiting.
  virtual bool ready() = 0;
};

}  // namespace polytag
