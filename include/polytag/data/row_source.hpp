#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polytag/data/row.hpp"
#include "polytag/data/row_options.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// One input and how it is read.
struct InputFile {
  std::string path;  ///< "-" for standard input
  RowOptions options{};
};

/// The rows of several inputs, in order. Not thread-safe.
class POLYTAG_EXPORT RowSource {
 public:
  /// Opens every input, so that a missing one is found before hours of work.
  /// @param stop  ends a wait for a pipe or a terminal
  /// @throws IoError
  explicit RowSource(const std::vector<InputFile>& files, std::stop_token stop = {});
  /// Texts that are there already, each a row.
  explicit RowSource(std::vector<std::string> texts);
  ~RowSource();

  /// Reads the next row into `row`, whose memory is used again. A bad row comes with its error, and
  /// the row after it can be read. @return false at the end
  /// @throws FormatError if nothing sensible can follow, ConfigError for a column that is not
  ///         there; IoError; CancelledError if a stop was requested while waiting
  bool next(InputRow& row);
  /// Whether next() would return without waiting for input.
  bool ready();

  /// Sum over all inputs, or none if any of them (a pipe) has no known size.
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
