#include "cli/exit_code.hpp"

#include <csignal>

namespace polytag::cli {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kIo:
      return kIoFailure;
    case ErrorCode::kFormat:
    case ErrorCode::kConfig:
    case ErrorCode::kShape:
    case ErrorCode::kEncoding:
      return kBadData;
    case ErrorCode::kArgument:
      return kUsageError;
    case ErrorCode::kCancelled:
      return kSignalBase + SIGINT;
  }
  return kInternalError;
}

std::string exit_code_help() {
  return "Exit codes:\n"
         "  0    done\n"
         "  1    a defect in polytag, or out of memory\n"
         "  2    the command line is wrong\n"
         "  3    a file or pipe cannot be opened, read or written\n"
         "  4    a model or an input row is not what it should be\n"
         "  5    done, but --keep-going left rows out\n"
         "  130  interrupted by Ctrl-C (143 by SIGTERM, 129 by SIGHUP)";
}

}  // namespace polytag::cli
