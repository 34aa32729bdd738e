#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "polytag/training/trainer.hpp"
#include "reports/evaluation_report.hpp"

namespace polytag {

/// The linear model that was trained on the same texts, for comparison.
struct BaselineReport {
  training::DevelopmentReport at_half;
  std::optional<training::DevelopmentReport> tuned;  ///< with thresholds of its own
  double seconds = 0;
};

/// Everything that a training found, ready to be written.
struct TrainingReport {
  std::string model;
  training::TrainingSummary summary;
  std::optional<training::DevelopmentReport> tuned;  ///< of the model with its tuned thresholds
  std::optional<BaselineReport> baseline;
  std::optional<EvaluationReport> evaluation;  ///< on the development set, as the model decides
  std::vector<std::pair<std::string, std::string>> settings;  ///< options, data, checksums
};

/// For people, on a few lines. Says so where the linear model is better.
std::string report_as_text(const TrainingReport& report);
/// One page that needs nothing else: curves, comparison, settings, the evaluation.
std::string report_as_html(const TrainingReport& report);

/// A row for every step that was logged and every evaluation.
std::string training_csv(const training::TrainingSummary& summary);
/// An event file of TensorBoard, with the tags that transformers gives: "train/loss",
/// "eval/f1_micro", … @param wall_time  seconds since 1970 of all its events
std::string training_events(const training::TrainingSummary& summary, double wall_time);

}  // namespace polytag
