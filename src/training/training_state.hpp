#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "polytag/training/trainer.hpp"

namespace polytag::training {

/// What decides about a run's results, by name.
using TrainingIdentity = std::vector<std::pair<std::string, std::string>>;

/// Where a training is, beside the weights and moments.
struct TrainingState {
  std::size_t step = 0;        ///< steps taken
  std::optional<double> best;  ///< of the chosen measure
  std::size_t best_step = 0;
  std::size_t without_gain = 0;   ///< evaluations since the best one
  double loss_sum = 0;            ///< of the steps since the last log line
  std::vector<StepReport> steps;  ///< that were logged
  std::vector<DevelopmentReport> evaluations;
};

/// trainer_state.json with Hugging Face's keys, and an object `polytag` for the rest.
Json state_to_json(const TrainingState& state, const TrainingOptions& options,
                   const TrainingIdentity& identity, double epochs, std::size_t total_steps);
/// @param identity  of the run that reads it
/// @throws FormatError for another file; ConfigError naming what differs from this run
TrainingState state_from_json(const Json& json, const std::string& file,
                              const TrainingIdentity& identity);

/// "checkpoint-000187".
std::string checkpoint_name(std::size_t step);
/// Steps of the checkpoints in a directory, ascending.
std::vector<std::size_t> checkpoint_steps(const std::filesystem::path& output);

}  // namespace polytag::training
