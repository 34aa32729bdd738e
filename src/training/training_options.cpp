#include "polytag/training/training_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <type_traits>
#include <variant>

#include "core/edit_distance.hpp"
#include "polytag/error.hpp"
#include "polytag/training/losses.hpp"

namespace polytag::training {

namespace {

using Options = TrainingOptions;
using Member =
    std::variant<double Options::*, std::size_t Options::*, bool Options::*, std::string Options::*,
                 ScheduleKind Options::*, OptimizerKind Options::*, TrainingMoment Options::*>;

struct Row {
  TrainingField field;
  Member member;
};

// The order is that of the help.
const std::array kRows{
    Row{{"num_train_epochs", "NUMBER", "How often each text is learned from"},
        &Options::num_train_epochs},
    Row{{"max_steps", "COUNT", "Steps, whatever the epochs"}, &Options::max_steps},
    Row{{"per_device_train_batch_size", "COUNT", "Texts of a step"},
        &Options::per_device_train_batch_size},
    Row{{"gradient_accumulation_steps", "COUNT", "Batches of a step"},
        &Options::gradient_accumulation_steps},
    Row{{"group_by_length", "BOOLEAN", "Put texts of similar length into a batch"},
        &Options::group_by_length},
    Row{{"dataloader_drop_last", "BOOLEAN", "Leave out the last batch of every epoch"},
        &Options::dataloader_drop_last},
    Row{{"learning_rate", "RATE", "Learning rate of the encoder"}, &Options::learning_rate},
    Row{{"head_learning_rate", "RATE", "Learning rate of the head"}, &Options::head_learning_rate},
    Row{{"layer_decay", "FACTOR", "Learning rate of a layer, by that of the one above"},
        &Options::layer_decay},
    Row{{"lr_scheduler_type", "NAME", "How the learning rate changes"},
        &Options::lr_scheduler_type},
    Row{{"warmup_ratio", "SHARE", "Share of the steps in which the rate rises"},
        &Options::warmup_ratio},
    Row{{"warmup_steps", "COUNT", "The same as a number of steps"}, &Options::warmup_steps},
    Row{{"weight_decay", "NUMBER", "Of matrices and embeddings"}, &Options::weight_decay},
    Row{{"optim", "NAME", "adamw_torch, replaced_adamw or replaced_lamb"}, &Options::optim},
    Row{{"adam_beta1", "NUMBER", "Of the first moment"}, &Options::adam_beta1},
    Row{{"adam_beta2", "NUMBER", "Of the second moment"}, &Options::adam_beta2},
    Row{{"adam_epsilon", "NUMBER", "Added to the deviation"}, &Options::adam_epsilon},
    Row{{"max_grad_norm", "NUMBER", "Longer gradients are cut to this; 0: none is"},
        &Options::max_grad_norm},
    Row{{"ema_decay", "NUMBER", "The model is a moving average of the weights; 0: the last ones"},
        &Options::ema_decay},
    Row{{"loss", "NAME", "bce, bce_mean, focal, asymmetric or zlpr"}, &Options::loss},
    Row{{"label_smoothing_factor", "SHARE", "How far targets are drawn to one half"},
        &Options::label_smoothing_factor},
    Row{{"head_dropout", "SHARE", "Of what the last layer reads"}, &Options::head_dropout},
    Row{{"hidden_dropout", "SHARE", "Of hidden states"}, &Options::hidden_dropout},
    Row{{"attention_dropout", "SHARE", "Of attention's probabilities"},
        &Options::attention_dropout},
    Row{{"freeze_encoder", "BOOLEAN", "Train the head alone"}, &Options::freeze_encoder},
    Row{{"eval_strategy", "NAME", "When to evaluate: no, steps or epoch"}, &Options::eval_strategy},
    Row{{"eval_steps", "COUNT", "Steps from one evaluation to the next"}, &Options::eval_steps},
    Row{{"save_strategy", "NAME", "When to save a checkpoint: no, steps or epoch", false},
        &Options::save_strategy},
    Row{{"save_steps", "COUNT", "Steps from one checkpoint to the next", false},
        &Options::save_steps},
    Row{{"save_total_limit", "COUNT", "Checkpoints that are kept, beside the best", false},
        &Options::save_total_limit},
    Row{{"metric_for_best_model", "NAME",
         "f1_micro, f1_macro, f1_samples, subset_accuracy or loss"},
        &Options::metric_for_best_model},
    Row{{"early_stopping_patience", "COUNT", "Evaluations without a gain that end the training"},
        &Options::early_stopping_patience},
    Row{{"load_best_model_at_end", "BOOLEAN", "The result is the best checkpoint, not the last"},
        &Options::load_best_model_at_end},
    Row{{"tune_thresholds", "BOOLEAN", "Tune the thresholds at the end, and store them"},
        &Options::tune_thresholds},
    Row{{"logging_steps", "COUNT", "Steps from one line of the log to the next"},
        &Options::logging_steps},
    Row{{"seed", "NUMBER", "Of everything that is random"}, &Options::seed},
    Row{{"max_seq_length", "COUNT", "Tokens of a text, special ones included"},
        &Options::max_seq_length},
    Row{{"gradient_shards", "COUNT", "Parts of a batch whose gradients are summed apart"},
        &Options::gradient_shards},
};
static_assert(std::is_same_v<std::uint64_t, std::size_t>);

constexpr std::array<std::string_view, 3> kMoments{"no", "steps", "epoch"};
constexpr std::array<std::string_view, 3> kOptimizers{"adamw_torch", "replaced_adamw",
                                                      "replaced_lamb"};
constexpr std::array<std::string_view, 5> kMeasures{"f1_micro", "f1_macro", "f1_samples",
                                                    "subset_accuracy", "loss"};

/// Options of Hugging Face's that cannot be meant, and why.
constexpr std::array kRefused{
    std::pair{std::string_view("fp16"), std::string_view("CPUs have no float16 products")},
    std::pair{std::string_view("bf16"), std::string_view("weights are trained in float32")},
    std::pair{std::string_view("deepspeed"), std::string_view("there is one process")},
    std::pair{std::string_view("fsdp"), std::string_view("there is one process")},
    std::pair{std::string_view("push_to_hub"), std::string_view("nothing leaves this machine")},
    std::pair{std::string_view("torch_compile"), std::string_view("kernels are compiled already")},
    std::pair{std::string_view("report_to"),
              std::string_view("all logs are written, in the folder logs")},
};

std::string plain(std::string_view name) {
  std::string words(name.starts_with("--") ? name.substr(2) : name);
  std::replace(words.begin(), words.end(), '-', '_');
  return words;
}

const Row& row_of(std::string_view name) {
  const std::string words = plain(name);
  const Row* nearest = nullptr;
  std::size_t least = words.size() / 2 + 1;
  for (const Row& row : kRows) {
    if (row.field.name == words) return row;
    const std::size_t distance = edit_distance(row.field.name, words);
    if (distance < least) least = distance, nearest = &row;
  }
  for (const auto& [refused, reason] : kRefused) {
    if (refused == words) {
      throw ArgumentError::mismatch("training option", "none of this name: " + std::string(reason),
                                    words);
    }
  }
  throw ArgumentError::mismatch(
      "training option",
      nearest == nullptr ? "one that there is"
                         : "one that there is (is " + std::string(nearest->field.name) + " meant?)",
      words);
}

template <class Number>
Number parse_number(std::string_view name, std::string_view text, std::string_view expected) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw ArgumentError::mismatch(name, expected, "\"" + std::string(text) + "\"");
  }
  return number;
}

bool parse_boolean(std::string_view name, std::string_view text) {
  if (text == "true" || text == "True" || text == "1") return true;
  if (text == "false" || text == "False" || text == "0") return false;
  throw ArgumentError::mismatch(name, "true or false", "\"" + std::string(text) + "\"");
}

template <std::size_t Count>
std::size_t parse_choice(std::string_view name, std::string_view text,
                         const std::array<std::string_view, Count>& choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string known;
  for (const std::string_view choice : choices) {
    known.append(known.empty() ? "one of " : ", ").append(choice);
  }
  throw ArgumentError::mismatch(name, known, "\"" + std::string(text) + "\"");
}

struct SetValue {
  Options& options;
  std::string_view name, text;

  void operator()(double Options::*member) const {
    options.*member = parse_number<double>(name, text, "a number");
  }
  void operator()(std::size_t Options::*member) const {
    options.*member = parse_number<std::size_t>(name, text, "a whole number of at least 0");
  }
  void operator()(bool Options::*member) const { options.*member = parse_boolean(name, text); }
  void operator()(std::string Options::*member) const { options.*member = text; }
  void operator()(ScheduleKind Options::*member) const { options.*member = parse_schedule(text); }
  void operator()(OptimizerKind Options::*member) const {
    options.*member = static_cast<OptimizerKind>(parse_choice(name, text, kOptimizers));
  }
  void operator()(TrainingMoment Options::*member) const {
    options.*member = static_cast<TrainingMoment>(parse_choice(name, text, kMoments));
  }
};

struct ValueOf {
  const Options& options;

  std::string operator()(double Options::*member) const {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), options.*member);
    return {digits.data(), end.ptr};
  }
  std::string operator()(std::size_t Options::*member) const {
    return std::to_string(options.*member);
  }
  std::string operator()(bool Options::*member) const { return options.*member ? "true" : "false"; }
  std::string operator()(std::string Options::*member) const { return options.*member; }
  std::string operator()(ScheduleKind Options::*member) const {
    return std::string(kScheduleNames[static_cast<std::size_t>(options.*member)]);
  }
  std::string operator()(OptimizerKind Options::*member) const {
    return std::string(kOptimizers[static_cast<std::size_t>(options.*member)]);
  }
  std::string operator()(TrainingMoment Options::*member) const {
    return std::string(kMoments[static_cast<std::size_t>(options.*member)]);
  }
};

void require(bool holds, std::string_view name, std::string_view expected,
             const TrainingOptions& options) {
  if (!holds) throw ArgumentError::mismatch(name, expected, training_option(options, name));
}

}  // namespace

std::span<const TrainingField> training_fields() {
  static const auto kFields = [] {
    std::vector<TrainingField> fields;
    for (const Row& row : kRows) fields.push_back(row.field);
    return fields;
  }();
  return kFields;
}

void set_training_option(TrainingOptions& options, std::string_view name, std::string_view value) {
  const Row& row = row_of(name);
  std::visit(SetValue{options, row.field.name, value}, row.member);
}

std::string training_option(const TrainingOptions& options, std::string_view name) {
  return std::visit(ValueOf{options}, row_of(name).member);
}

TrainingOptions replaced_system_options() {
  TrainingOptions options;
  options.optim = OptimizerKind::kReplacedAdamW;
  options.lr_scheduler_type = ScheduleKind::kReplacedSystem;
  options.adam_epsilon = 1e-6;
  options.learning_rate = options.head_learning_rate = 5e-5;
  options.dataloader_drop_last = true;
  options.group_by_length = false;
  options.loss = "bce_mean";
  options.head_dropout = 0;
  return options;
}

void check_training_options(const TrainingOptions& options) {
  const auto is_share = [](double value) { return value >= 0 && value < 1; };
  const auto is_positive = [](double value) { return value > 0 && value < 1e6; };
  require(options.max_steps > 0 || is_positive(options.num_train_epochs), "num_train_epochs",
          "more than 0", options);
  require(options.per_device_train_batch_size > 0, "per_device_train_batch_size", "at least 1",
          options);
  require(options.gradient_accumulation_steps > 0, "gradient_accumulation_steps", "at least 1",
          options);
  require(is_positive(options.learning_rate), "learning_rate", "more than 0", options);
  require(is_positive(options.head_learning_rate), "head_learning_rate", "more than 0", options);
  require(options.layer_decay > 0 && options.layer_decay <= 1, "layer_decay",
          "more than 0 and at most 1", options);
  require(options.warmup_ratio >= 0 && options.warmup_ratio <= 1, "warmup_ratio", "from 0 to 1",
          options);
  require(options.weight_decay >= 0, "weight_decay", "at least 0", options);
  require(is_share(options.adam_beta1), "adam_beta1", "from 0 to below 1", options);
  require(is_share(options.adam_beta2), "adam_beta2", "from 0 to below 1", options);
  require(options.adam_epsilon > 0, "adam_epsilon", "more than 0", options);
  require(options.max_grad_norm >= 0, "max_grad_norm", "at least 0", options);
  require(is_share(options.ema_decay), "ema_decay", "from 0 to below 1", options);
  require(is_share(options.label_smoothing_factor), "label_smoothing_factor", "from 0 to below 1",
          options);
  require(options.eval_steps > 0, "eval_steps", "at least 1", options);
  require(options.save_steps > 0, "save_steps", "at least 1", options);
  require(options.save_total_limit > 0, "save_total_limit", "at least 1", options);
  require(options.logging_steps > 0, "logging_steps", "at least 1", options);
  require(options.max_seq_length > 2, "max_seq_length", "at least 3", options);
  parse_choice("metric_for_best_model", options.metric_for_best_model, kMeasures);
  make_loss(options.loss);
}

}  // namespace polytag::training
