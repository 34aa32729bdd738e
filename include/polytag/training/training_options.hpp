#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/training/optimizer.hpp"
#include "polytag/training/schedule.hpp"

namespace polytag::training {

/// When something is done during training.
enum class TrainingMoment {
  kNo,
  kSteps,  ///< after every so many steps
  kEpoch,  ///< at the end of every epoch
};

/// How a model is trained. Fields are named as in Hugging Face's TrainingArguments where those have
/// them; the defaults are the recipe of docs/training.md.
struct TrainingOptions {
  double num_train_epochs = 3;
  std::size_t max_steps = 0;  ///< goes before the epochs; 0: they decide
  std::size_t per_device_train_batch_size = 32;
  std::size_t gradient_accumulation_steps = 1;
  bool group_by_length = true;
  bool dataloader_drop_last = false;  ///< an epoch's last batch, even where it is full

  double learning_rate = 2e-4;       ///< of the encoder
  double head_learning_rate = 5e-3;  ///< of what is new
  double layer_decay = 1;            ///< a layer's rate is this times that of the layer above it
  ScheduleKind lr_scheduler_type = ScheduleKind::kLinear;
  double warmup_ratio = 0.1;
  std::size_t warmup_steps = 0;  ///< goes before the ratio
  double weight_decay = 0.01;
  OptimizerKind optim = OptimizerKind::kAdamW;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1;
  double ema_decay = 0;  ///< of a moving average that is the model; 0: the last weights are

  std::string loss = "bce";
  double label_smoothing_factor = 0;
  double head_dropout = 0.1;
  double hidden_dropout = 0;
  double attention_dropout = 0;
  bool freeze_encoder = false;

  TrainingMoment eval_strategy = TrainingMoment::kEpoch;
  std::size_t eval_steps = 500;
  TrainingMoment save_strategy = TrainingMoment::kEpoch;
  std::size_t save_steps = 500;
  std::size_t save_total_limit = 2;  ///< the best one beside these
  std::string metric_for_best_model = "f1_micro";
  std::size_t early_stopping_patience = 0;  ///< evaluations without a gain; 0: never
  bool load_best_model_at_end = true;
  bool tune_thresholds = true;
  std::size_t logging_steps = 10;

  std::uint64_t seed = 42;
  std::size_t max_seq_length = 128;
  std::size_t gradient_shards = 8;
};

/// An option as a name and a value, for command lines and files.
struct TrainingField {
  std::string_view name;
  std::string_view type;  ///< of its value, for people: "NUMBER", "COUNT", …
  std::string_view description;
  bool decides = true;  ///< whether a run with another value has other results
};

/// All options, in the order of their help.
POLYTAG_EXPORT std::span<const TrainingField> training_fields();

/// Sets an option by its name, with "-" or "_" between words.
/// @throws ArgumentError for a name that is none of an option, suggesting the nearest or saying why
///         polytag has none of that name, and for a value that is not the option's
POLYTAG_EXPORT void set_training_option(TrainingOptions& options, std::string_view name,
                                        std::string_view value);
/// The value of an option as set_training_option() takes it.
POLYTAG_EXPORT std::string training_option(const TrainingOptions& options, std::string_view name);

/// What the replaced system trains with: its optimizer, schedule, batches and clipping.
POLYTAG_EXPORT TrainingOptions replaced_system_options();

/// @throws ArgumentError for values that are out of their range or contradict each other
POLYTAG_EXPORT void check_training_options(const TrainingOptions& options);

}  // namespace polytag::training
