#pragma once

#include <string>

#include "polytag/error.hpp"

namespace polytag::cli {

/// The exit codes of the program. Scripts rely on these numbers.
enum ExitCode : int {
  kSuccess = 0,
  kInternalError = 1,  ///< a defect of the program, or no memory
  kUsageError = 2,     ///< the command line asks for something that does not exist
  kIoFailure = 3,      ///< a file or pipe cannot be opened, read or written
  kBadData = 4,        ///< a model or an input is not what it should be
  kRowsSkipped = 5,    ///< --keep-going: all done, but rows were left out
  kSignalBase = 128,   ///< plus the signal's number: 130 for Ctrl-C
};

/// The exit code that an error ends the program with. kCancelled is Ctrl-C's.
int exit_code(ErrorCode code) noexcept;

/// The table of exit codes that --help shows.
std::string exit_code_help();

}  // namespace polytag::cli
