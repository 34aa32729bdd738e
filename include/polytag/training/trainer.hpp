#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/export.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/text_scores.hpp"
#include "polytag/training/development.hpp"
#include "polytag/training/labelled_texts.hpp"
#include "polytag/training/new_model.hpp"
#include "polytag/training/training_options.hpp"

namespace polytag::training {

/// A step that was taken.
struct StepReport {
  std::size_t step = 0;   ///< from 1
  std::size_t total = 0;  ///< steps of the whole training
  double epoch = 0;       ///< how many epochs are done, in parts
  double loss = 0;        ///< of the step's texts, the mean
  double gradient_norm = 0;
  double learning_rate = 0;  ///< the encoder's
  std::size_t texts = 0;
  std::size_t tokens = 0;
};

/// Told what happens during training, on the thread that called Trainer::run(). Does nothing.
class POLYTAG_EXPORT TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void step(const StepReport&) {}
  virtual void evaluation(const DevelopmentReport&) {}
  virtual void checkpoint(const std::filesystem::path&) {}
};

/// What is trained on, and how it is judged.
struct TrainingData {
  std::vector<LabelledText> training;
  std::vector<LabelledText> development;  ///< may be empty: nothing is judged or tuned then
};

/// How a training ended.
struct TrainingSummary {
  std::size_t steps = 0;
  double seconds = 0;  ///< of this run
  std::size_t best_step = 0;
  std::vector<StepReport> steps_taken;         ///< one for every logging_steps steps
  std::vector<DevelopmentReport> evaluations;  ///< those before a resumption, too
  std::optional<DevelopmentReport> best;
  std::optional<DecisionPolicy> decision;      ///< tuned on the development set
  std::vector<TextScores> development_scores;  ///< of the model that was written
};

/// Trains a model on labelled texts and writes it.
///
/// Every random number is a function of the seed and its place, and every sum has one order: the
/// number of threads changes no bit of the result, nor does being interrupted and resumed.
class POLYTAG_EXPORT Trainer {
 public:
  /// @param model     outlives this; its weights are trained
  /// @param output    the directory for the model, its checkpoints and trainer_state.json
  /// @param executor, observer  outlive this
  /// @throws ArgumentError for options that contradict each other, or no texts
  Trainer(NewModel& model, TrainingData data, TrainingOptions options, std::filesystem::path output,
          Executor& executor, TrainingObserver& observer);
  ~Trainer();

  std::size_t total_steps() const noexcept;
  /// Training texts that the maximum length cuts.
  std::size_t truncated_texts() const noexcept;
  /// The mean number of tokens of a training text.
  double mean_tokens() const noexcept;

  /// What decides about the result: options, and checksums of texts and weights, by name.
  const std::vector<std::pair<std::string, std::string>>& identity() const noexcept;

  /// Trains, and writes the best model into the output directory.
  /// @param resume  goes on from the latest checkpoint there, where there is one
  /// @throws CancelledError after a checkpoint, once a stop was requested; EncodingError for a loss
  ///         or a gradient that is no number, naming the step and the texts; ConfigError if a
  ///         checkpoint is of another run, naming what differs; IoError
  TrainingSummary run(bool resume, const std::stop_token& stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace polytag::training
