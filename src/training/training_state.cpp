#include "training/training_state.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>

#include "files/json_fields.hpp"
#include "polytag/error.hpp"

namespace polytag::training {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "checkpoint-";

Json step_entry(const StepReport& step) {
  return {{"epoch", step.epoch},
          {"grad_norm", step.gradient_norm},
          {"learning_rate", step.learning_rate},
          {"loss", step.loss},
          {"step", step.step}};
}

Json evaluation_entry(const DevelopmentReport& report) {
  return {{"epoch", report.epoch},
          {"eval_f1_macro", report.f1_macro},
          {"eval_f1_micro", report.f1_micro},
          {"eval_f1_samples", report.f1_samples},
          {"eval_loss", report.loss},
          {"eval_subset_accuracy", report.subset_accuracy},
          {"step", report.step}};
}

double number(const ConfigReader& reader, std::string_view key) {
  return reader.require(reader.number(key), key, "a number");
}
std::size_t size(const ConfigReader& reader, std::string_view key) {
  return reader.require(reader.size(key), key, "a whole number");
}

void read_history(const ConfigReader& reader, TrainingState& state) {
  for (const Json& entry : reader.array("log_history")) {
    const ConfigReader line(entry, reader.file(), "log_history");
    if (line.find("eval_loss") == nullptr) {
      StepReport step;
      step.step = size(line, "step");
      step.epoch = number(line, "epoch");
      step.loss = number(line, "loss");
      step.gradient_norm = number(line, "grad_norm");
      step.learning_rate = number(line, "learning_rate");
      state.steps.push_back(step);
      continue;
    }
    DevelopmentReport report;
    report.step = size(line, "step");
    report.epoch = number(line, "epoch");
    report.loss = number(line, "eval_loss");
    report.f1_micro = number(line, "eval_f1_micro");
    report.f1_macro = number(line, "eval_f1_macro");
    report.f1_samples = number(line, "eval_f1_samples");
    report.subset_accuracy = number(line, "eval_subset_accuracy");
    report.is_best = report.step == state.best_step;
    state.evaluations.push_back(report);
  }
}

void check_identity(const ConfigReader& polytag, const TrainingIdentity& identity) {
  const ConfigReader stored = polytag.object("identity");
  for (const auto& [name, value] : identity) {
    const std::string found = stored.string(name).value_or("none");
    if (found != value) {
      throw ConfigError::mismatch(stored.file(), name, value + ", as this run has it", found);
    }
  }
}

}  // namespace

Json state_to_json(const TrainingState& state, const TrainingOptions& options,
                   const TrainingIdentity& identity, double epochs, std::size_t total_steps) {
  Json history = Json::array();
  auto evaluation = state.evaluations.begin();
  const auto evaluations_until = [&](std::size_t step) {
    for (; evaluation != state.evaluations.end() && evaluation->step < step; ++evaluation) {
      history.push_back(evaluation_entry(*evaluation));
    }
  };
  for (const StepReport& step : state.steps) {
    evaluations_until(step.step);
    history.push_back(step_entry(step));
  }
  evaluations_until(total_steps + 1);
  Json stored = Json::object();
  for (const auto& [name, value] : identity) stored[name] = value;
  const bool has_best = state.best.has_value();
  return {{"best_global_step", state.best_step},
          {"best_metric", has_best ? Json(*state.best) : Json()},
          {"best_model_checkpoint", has_best ? Json(checkpoint_name(state.best_step)) : Json()},
          {"epoch", epochs},
          {"eval_steps", options.eval_steps},
          {"global_step", state.step},
          {"is_hyper_param_search", false},
          {"is_local_process_zero", true},
          {"is_world_process_zero", true},
          {"log_history", std::move(history)},
          {"logging_steps", options.logging_steps},
          {"max_steps", total_steps},
          {"num_train_epochs", options.num_train_epochs},
          {"save_steps", options.save_steps},
          {"train_batch_size", options.per_device_train_batch_size},
          {"polytag",
           {{"identity", std::move(stored)},
            {"evaluations_without_gain", state.without_gain},
            {"loss_since_last_log", state.loss_sum}}}};
}

TrainingState state_from_json(const Json& json, const std::string& file,
                              const TrainingIdentity& identity) {
  const ConfigReader reader(json, file);
  const ConfigReader polytag = reader.object("polytag");
  check_identity(polytag, identity);
  TrainingState state;
  state.step = size(reader, "global_step");
  state.best = reader.number("best_metric");
  state.best_step = size(reader, "best_global_step");
  state.without_gain = size(polytag, "evaluations_without_gain");
  state.loss_sum = number(polytag, "loss_since_last_log");
  read_history(reader, state);
  return state;
}

std::string checkpoint_name(std::size_t step) {
  std::string digits = std::to_string(step);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return std::string(kPrefix) + digits;
}

std::vector<std::size_t> checkpoint_steps(const fs::path& output) {
  std::vector<std::size_t> steps;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(output, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    std::size_t step = 0;
    const char* const begin = name.data() + kPrefix.size();
    const char* const end = name.data() + name.size();
    const auto [read, problem] = std::from_chars(begin, end, step);
    if (problem == std::errc() && read == end) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

}  // namespace polytag::training
