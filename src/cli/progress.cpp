#include "cli/progress.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cli/command_line_words.hpp"

namespace polytag::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::lround(std::min(seconds, 1e9)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  std::string line = with_thousands(state.rows) + " texts";
  const bool total_known = state.total && *state.total > 0;
  // A file that grows while it is read is never more than done.
  const double share =
      total_known
          ? std::min(1.0, static_cast<double>(state.done) / static_cast<double>(*state.total))
          : 0.0;
  if (total_known) line += fmt::format(", {:.0f} %", std::floor(share * 100));
  if (state.seconds <= 0 || state.rows == state.rows_before) return line;
  const double rate = static_cast<double>(state.rows - state.rows_before) / state.seconds;
  line += rate < 10 ? fmt::format(", {:.1f}/s", rate)
                    : fmt::format(", {}/s", with_thousands(static_cast<std::uint64_t>(rate)));
  if (total_known && state.done > state.done_before) {
    const double share_now =
        static_cast<double>(state.done - state.done_before) / static_cast<double>(*state.total);
    line += fmt::format(", {} left", duration(state.seconds * (1 - share) / share_now));
  }
  return line;
}

Progress::Progress(bool shown, std::optional<std::size_t> total)
    : shown_(shown), total_(total), start_(Clock::now()), last_draw_(start_) {}

Progress::~Progress() { clear(); }

void Progress::go_on_from(std::size_t rows, std::size_t done) {
  rows_before_ = rows;
  done_before_ = done;
  start_ = Clock::now();
}

void Progress::update(std::size_t rows, std::size_t done) {
  const auto now = Clock::now();
  if (!shown_ || now - last_draw_ < kRedraw) return;
  last_draw_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r\x1b[K{}",
             progress_line({.rows = rows,
                            .done = done,
                            .total = total_,
                            .seconds = seconds,
                            .rows_before = rows_before_,
                            .done_before = done_before_}));
  drawn_ = true;
}

void Progress::message(std::string_view text) {
  clear();
  fmt::print(stderr, "polytag: {}\n", with_option_names(std::string(text)));
}

void Progress::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace polytag::cli
