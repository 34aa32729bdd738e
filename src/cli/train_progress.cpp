#include "cli/train_progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "measure/resident_memory.hpp"

namespace polytag::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(500);

std::string duration(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::min(seconds, 1e8)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

TrainProgress::TrainProgress(bool quiet, std::size_t lines)
    : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1), lines_(lines) {}

TrainProgress::~TrainProgress() { clear(); }

void TrainProgress::step(const training::StepReport& report) {
  if (first_step_ == 0) {
    first_step_ = report.step;
    smooth_loss_ = report.loss;
  }
  texts_ += report.texts;
  tokens_ += report.tokens;
  smooth_loss_ += 0.1 * (report.loss - smooth_loss_);
  if (quiet_) return;
  const auto now = Clock::now();
  if (!terminal_) {
    if (report.step % lines_ == 0 || report.step == report.total) {
      fmt::print(stderr, "{}\n", line(report));
    }
    return;
  }
  if (now - last_draw_ < kRedraw && report.step != report.total) return;
  last_draw_ = now;
  drawn_ = true;
  fmt::print(stderr, "\r\033[K{}", line(report));
}

std::string TrainProgress::line(const training::StepReport& report) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const auto taken = static_cast<double>(report.step - first_step_ + 1);
  const auto left = static_cast<double>(report.total - report.step);
  const double tokens = static_cast<double>(tokens_) / seconds;
  return fmt::format(
      "epoch {:.2f}  step {}/{}  loss {:.4g}{}  {:.1f} texts/s  {:.1f} k tokens/s  {}  "
      "{:.2f} GB",
      report.epoch, report.step, report.total, smooth_loss_, development_,
      static_cast<double>(texts_) / seconds, tokens / 1000,
      left > 0 ? "ETA " + duration(seconds / taken * left) : duration(seconds),
      static_cast<double>(resident_memory().bytes) / 1e9);
}

void TrainProgress::evaluation(const training::DevelopmentReport& report) {
  development_ = fmt::format(" (dev {:.4g}, micro-F1 {:.3f}{})", report.loss, report.f1_micro,
                             report.is_best ? ", best" : "");
  message(
      fmt::format("epoch {:.2f}  step {}: dev loss {:.4g}, micro-F1 {:.4f}, macro-F1 {:.4f}, "
                  "samples-F1 {:.4f}{}",
                  report.epoch, report.step, report.loss, report.f1_micro, report.f1_macro,
                  report.f1_samples, report.is_best ? " (best)" : ""));
}

void TrainProgress::message(const std::string& text) {
  if (quiet_) return;
  clear();
  fmt::print(stderr, "{}\n", text);
}

void TrainProgress::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace polytag::cli
