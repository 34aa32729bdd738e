#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/byte_stream.hpp"
#include "data/row_reader.hpp"
#include "files/stop_event.hpp"

namespace polytag {

/// One input: "-" is standard input.
struct InputFile {
  std::string path;
  InputFormat format;
};

/// The rows of several inputs, in order. Not thread-safe.
class RowSource {
 public:
  /// Opens every input, so that a missing one is found before hours of work.
  /// @throws IoError
  RowSource(const std::vector<InputFile>& files, const RowFields& fields, const StopEvent& stop);
  /// Texts that are there already, each a row.
  explicit RowSource(const std::vector<std::string>& texts);
  ~RowSource();

  /// @see RowReader
  bool next(InputRow& row);
  bool ready();

  /// Of all inputs together; none as soon as one does not know its own.
  std::optional<std::size_t> total_bytes() const noexcept { return total_bytes_; }

 private:
  struct Input;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::size_t current_ = 0;
  std::size_t rows_ = 0;
  std::size_t bytes_before_ = 0;  // of the inputs that ended
  std::optional<std::size_t> total_bytes_;
};

}  // namespace polytag
