#pragma once

#include <optional>

#include "cli/arguments.hpp"

namespace polytag::cli {

/// The form of a report on standard output.
enum class ReportFormat { kTable, kJson };

inline void add_report_format(CLI::App& command, std::optional<ReportFormat>& format) {
  add_choice<ReportFormat>(command, "--format", format,
                           {{"table", ReportFormat::kTable}, {"json", ReportFormat::kJson}},
                           "Form of the report (default: table)")
      ->group("Output");
}

}  // namespace polytag::cli
