#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/pipeline.hpp"

namespace polytag::cli {

/// How far a run is.
struct ProgressState {
  std::size_t rows = 0;
  std::size_t done = 0;              ///< in whatever the whole is measured: bytes, milliseconds
  std::optional<std::size_t> total;  ///< none when the end of the input is not known
  double seconds = 0;
  std::size_t rows_before = 0;  ///< of `rows`, by a run that this one continues: in no time
  std::size_t done_before = 0;  ///< of `done`, likewise
};

/// "12,300 texts, 45 %, 1,230/s, 0:12 left".
std::string progress_line(const ProgressState& state);

/// A line on standard error that is drawn again and again, and messages above it.
class Progress final : public PipelineObserver {
 public:
  /// @param shown  whether there is a line; messages always appear
  /// @param total  what `done` will be at the end, if that is known
  Progress(bool shown, std::optional<std::size_t> total);
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Starts the clock behind work that an earlier run has done.
  void go_on_from(std::size_t rows, std::size_t done) override;
  /// Draws the line, a few times a second at most.
  void update(std::size_t rows, std::size_t done) override;
  /// Writes one line to standard error.
  void message(std::string_view text) override;
  /// Takes the line away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool drawn_ = false;
  std::optional<std::size_t> total_;
  std::size_t rows_before_ = 0;
  std::size_t done_before_ = 0;
  Clock::time_point start_;
  Clock::time_point last_draw_;
};

}  // namespace polytag::cli
