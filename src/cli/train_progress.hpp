#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "polytag/training/trainer.hpp"

namespace polytag::cli {

/// What is said of a training while it runs: on a terminal one line that is drawn again and again,
/// elsewhere a line every so many steps.
class TrainProgress final : public training::TrainingObserver {
 public:
  /// @param lines  steps from one line to the next where there is no terminal
  TrainProgress(bool quiet, std::size_t lines);
  ~TrainProgress() override;
  TrainProgress(const TrainProgress&) = delete;
  TrainProgress& operator=(const TrainProgress&) = delete;

  void step(const training::StepReport& report) override;
  void evaluation(const training::DevelopmentReport& report) override;
  void message(const std::string& text);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(const training::StepReport& report) const;

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::size_t lines_;
  std::size_t first_step_ = 0;
  std::size_t texts_ = 0;   // since the start of this run
  std::size_t tokens_ = 0;  // likewise
  double smooth_loss_ = 0;
  std::string development_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_draw_;
};

}  // namespace polytag::cli
