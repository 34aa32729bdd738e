#include "polytag/training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <system_error>
#include <utility>
#include <variant>

#include "files/crc32.hpp"
#include "files/new_directory.hpp"
#include "model/model_files.hpp"
#include "polytag/backend.hpp"
#include "polytag/error.hpp"
#include "polytag/training/averaging.hpp"
#include "polytag/training/backpropagation.hpp"
#include "polytag/training/losses.hpp"
#include "polytag/version.hpp"
#include "training/training_state.hpp"

namespace polytag::training {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostStateBytes = std::size_t{1} << 28;
constexpr std::string_view kStateFile = "trainer_state.json";
constexpr std::string_view kOptimizerFile = "optimizer.safetensors";

std::string checksum(std::uint32_t crc) { return "CRC-32C " + std::to_string(crc); }

std::string checksum_of_texts(std::span<const LabelledText> texts) {
  std::uint32_t crc = 0;
  const auto add = [&](std::string_view text) {
    const std::size_t size = text.size();
    crc = crc32c(std::as_bytes(std::span(&size, 1)), crc);
    crc = crc32c(std::as_bytes(std::span(text)), crc);
  };
  for (const LabelledText& text : texts) {
    add(text.text);
    add(text.text_pair.value_or(""));
    crc = crc32c(std::as_bytes(std::span(text.labels)), crc);
  }
  return std::to_string(texts.size()) + " texts, " + checksum(crc);
}

/// Removes checkpoints that a run which was killed has begun.
void remove_unfinished(const fs::path& output) {
  std::error_code ignored;  // they harm nobody
  std::vector<fs::path> unfinished;
  for (const fs::directory_entry& entry : fs::directory_iterator(output, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("checkpoint-") && name.find(".partial") != std::string::npos) {
      unfinished.push_back(entry.path());
    }
  }
  for (const fs::path& path : unfinished) fs::remove_all(path, ignored);
}

/// The rates and decays of all parameters that are trained.
std::vector<UpdateGroup> update_groups(const ParameterLayout& layout,
                                       const TrainingOptions& options) {
  const std::size_t head = layout.head_depth();
  const bool replaced = options.optim != OptimizerKind::kAdamW;
  std::vector<UpdateGroup> groups;
  for (const ParameterPlace& place : layout.places()) {
    const bool in_head = place.depth == head;
    if (options.freeze_encoder && !in_head) continue;
    const double layers_above = in_head ? 0 : static_cast<double>(head - 1 - place.depth);
    const double rate = in_head
                            ? options.head_learning_rate
                            : options.learning_rate * std::pow(options.layer_decay, layers_above);
    const bool decays = replaced ? !replaced_system_excludes(place.name) : place.traits.decays;
    groups.push_back(
        {place.offset, place.offset + place.count, rate, decays ? options.weight_decay : 0});
  }
  return groups;
}

}  // namespace

struct Trainer::State {
  State(NewModel& model_, TrainingData data_, TrainingOptions options_, fs::path output_,
        Executor& executor_, TrainingObserver& observer_)
      : model(model_),
        data(std::move(data_)),
        options(std::move(options_)),
        output(std::move(output_)),
        executor(executor_),
        observer(observer_),
        tokens(data.training, model.tokenizer(), model.maximum_tokens(), executor),
        development(data.development, executor),
        loss(make_loss(options.loss)),
        groups(update_groups(model.store().layout(), options)) {
    check_training_options(options);
    if (data.training.empty()) throw ArgumentError::mismatch("training texts", "at least 1", "0");
    if (auto* const bce = std::get_if<BinaryCrossEntropy>(&loss)) {
      bce->label_smoothing = static_cast<float>(options.label_smoothing_factor);
    } else if (options.label_smoothing_factor > 0) {
      throw ArgumentError::mismatch("label_smoothing_factor", "0 for the loss " + options.loss,
                                    training_option(options, "label_smoothing_factor"));
    }
    if (std::holds_alternative<BinaryRelevanceConfig>(model.config().head)) {
      loss = SoftmaxPairsLoss{};
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) lengths.push_back(tokens.length(i));
    batch_options = {
        .batch_size = options.per_device_train_batch_size * options.gradient_accumulation_steps,
        .group_by_length = options.group_by_length,
        .drop_last = options.dataloader_drop_last,
        .seed = options.seed};
    count_steps();
    make_identity();
    backpropagation = make_backpropagation(
        model.config(), model.encoder_prefix(), model.store(),
        {.shards = options.gradient_shards,
         .dropout = {.hidden = static_cast<float>(options.hidden_dropout),
                     .attention = static_cast<float>(options.attention_dropout),
                     .head = static_cast<float>(options.head_dropout)},
         .seed = options.seed,
         .computes_key_bias = options.optim != OptimizerKind::kAdamW,
         .freezes_encoder = options.freeze_encoder},
        default_instruction_set());
    if (options.ema_decay > 0) average.emplace(model.store().weights(), options.ema_decay);
  }

  void count_steps() {
    steps_per_epoch = epoch_batches(lengths, batch_options, 0).size();
    if (steps_per_epoch == 0) {
      throw ArgumentError::mismatch("training texts",
                                    "more than one batch, of which the last is "
                                    "left out (dataloader_drop_last)",
                                    std::to_string(tokens.size()));
    }
    const auto per_epoch = static_cast<double>(steps_per_epoch);
    total_steps = options.max_steps;
    if (total_steps == 0) {
      total_steps =
          static_cast<std::size_t>(std::ceil(options.num_train_epochs * per_epoch - 1e-9));
    }
    std::size_t scheduled = total_steps;
    if (options.lr_scheduler_type == ScheduleKind::kReplacedSystem) {
      scheduled = static_cast<std::size_t>(static_cast<double>(tokens.size()) /
                                           static_cast<double>(batch_options.batch_size) *
                                           options.num_train_epochs);
    }
    std::size_t warmup = options.warmup_steps;
    if (warmup == 0) {
      const double share = options.warmup_ratio * static_cast<double>(scheduled);
      const bool down = options.lr_scheduler_type == ScheduleKind::kReplacedSystem;
      warmup = static_cast<std::size_t>(down ? std::floor(share) : std::ceil(share));
    }
    schedule = {.kind = options.lr_scheduler_type, .warmup = warmup, .total = scheduled};
  }

  void make_identity() {
    identity = {{"polytag", std::string(version())}};
    for (const TrainingField& field : training_fields()) {
      if (field.decides) {
        identity.emplace_back(field.name, training_option(options, field.name));
      }
    }
    std::uint32_t labels = 0;
    for (const std::string& name : model.config().labels.names()) {
      labels = crc32c(std::as_bytes(std::span(name)), labels);
    }
    const auto weights = std::as_bytes(std::span<const float>(model.store().weights()));
    identity.emplace_back("head", training_head());
    identity.emplace_back("labels", checksum(labels));
    identity.emplace_back("training data", checksum_of_texts(data.training));
    identity.emplace_back("development data", checksum_of_texts(data.development));
    identity.emplace_back("first weights", checksum(crc32c(weights)));
    identity.emplace_back("instruction set", std::string(to_string(default_instruction_set())));
  }

  std::string training_head() const {
    return std::visit([](const auto& head) { return std::string(head.kName); },
                      model.config().head);
  }

  double epoch_of(std::size_t step) const {
    return static_cast<double>(step) / static_cast<double>(steps_per_epoch);
  }

  /// Puts a batch's texts and targets together.
  void fill_batch(const std::vector<std::size_t>& places) {
    const std::size_t labels = model.config().labels.size();
    targets.assign(places.size() * labels, 0.0F);
    texts.clear();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t place = places[i];
      const auto target = std::span(targets).subspan(i * labels, labels);
      for (const std::size_t label : data.training[place].labels) target[label] = 1;
      texts.push_back({tokens.ids(place),
                       tokens.types(place),
                       tokens.length(place),
                       {.labels = target, .sequence = {}}});
    }
  }

  const std::vector<std::size_t>& batch_of(std::size_t step) {
    const std::size_t epoch = step / steps_per_epoch;
    if (batches.empty() || epoch != epoch_of_batches) {
      batches = epoch_batches(lengths, batch_options, epoch);
      epoch_of_batches = epoch;
    }
    return batches[step % steps_per_epoch];
  }

  [[noreturn]] void refuse_numbers(std::string_view object, double found,
                                   const std::vector<std::size_t>& places) const {
    std::string where = "step " + std::to_string(state.step + 1) + ", training texts";
    for (std::size_t i = 0; i < std::min<std::size_t>(places.size(), 8); ++i) {
      where += (i == 0 ? " " : ", ") + std::to_string(places[i] + 1);
    }
    if (places.size() > 8) where += ", …";
    const auto steps = checkpoint_steps(output);
    const std::string last =
        steps.empty() ? "" : "; " + checkpoint_name(steps.back()) + " is whole";
    throw EncodingError::mismatch(
        where, object,
        "a finite number (is learning_rate or head_learning_rate too high?" + last + ")",
        std::to_string(found));
  }

  /// The first parameter whose gradient is no number.
  std::string spoilt_parameter() const {
    for (const ParameterPlace& place : model.store().layout().places()) {
      const auto gradient = ParameterStore::of(place, model.store().gradients());
      if (!std::ranges::all_of(gradient, [](float x) { return std::isfinite(x); })) {
        return "gradient of \"" + place.name + "\"";
      }
    }
    return "gradient";
  }

  double norm_of_gradients(double squares_of_word_rows) const {
    double squares = 0;
    const bool replaced = options.optim != OptimizerKind::kAdamW;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const auto gradient = std::as_const(model).store().gradients().subspan(
          groups[i].begin, groups[i].end - groups[i].begin);
      const bool is_word_table = groups[i].begin == 0;
      squares +=
          replaced && is_word_table ? squares_of_word_rows : sum_of_squares(gradient, executor);
    }
    return std::sqrt(squares);
  }

  StepReport take_step() {
    const std::vector<std::size_t>& places = batch_of(state.step);
    fill_batch(places);
    const Loss loss_of_text = [&](std::span<const float> logits, const Target& target,
                                  std::span<float> gradient) {
      return std::visit([&](const auto& of) { return of(logits, target, gradient); }, loss);
    };
    double units = 0;
    for (const TrainingText& text : texts) {
      units += std::visit([&](const auto& of) { return of.units(text.target); }, loss);
    }
    const BatchLoss result = backpropagation->run(texts, loss_of_text, units, state.step, executor);
    if (!std::isfinite(result.loss)) refuse_numbers("loss", result.loss, places);
    const double norm = norm_of_gradients(result.squares_of_word_rows);
    if (!std::isfinite(norm)) refuse_numbers(spoilt_parameter(), norm, places);
    const double factor = schedule.factor(state.step);
    ParameterStore& store = model.store();
    update_weights({.kind = options.optim,
                    .beta1 = options.adam_beta1,
                    .beta2 = options.adam_beta2,
                    .epsilon = options.adam_epsilon},
                   {store.weights(), std::as_const(store).gradients(), store.first_moments(),
                    store.second_moments()},
                   groups,
                   {.step = state.step,
                    .rate_factor = factor,
                    .gradient_scale = clip_scale(options.optim, norm, options.max_grad_norm)},
                   executor);
    if (average) average->add(store.weights(), state.step);
    ++state.step;
    StepReport report{.step = state.step,
                      .total = total_steps,
                      .epoch = epoch_of(state.step),
                      .loss = result.loss,
                      .gradient_norm = norm,
                      .learning_rate = options.learning_rate * factor,
                      .texts = places.size()};
    for (const TrainingText& text : texts) report.tokens += text.ids.size();
    return report;
  }

  void log(StepReport report) {
    state.loss_sum += report.loss;
    const std::size_t since = state.step % options.logging_steps;
    if (since != 0 && state.step != total_steps) return;
    report.loss = state.loss_sum / static_cast<double>(since == 0 ? options.logging_steps : since);
    state.loss_sum = 0;
    state.steps.push_back(report);
  }

  bool is_due(TrainingMoment moment, std::size_t every) const {
    if (moment == TrainingMoment::kNo) return false;
    if (state.step == total_steps) return true;
    const std::size_t period = moment == TrainingMoment::kEpoch ? steps_per_epoch : every;
    return state.step % period == 0;
  }

  /// Puts the averaged weights, where there are any, in the place of the last ones for as long as
  /// it lives.
  class AveragedWeights {
   public:
    explicit AveragedWeights(State& training) : state_(training) { swap(); }
    ~AveragedWeights() { swap(); }
    AveragedWeights(const AveragedWeights&) = delete;
    AveragedWeights& operator=(const AveragedWeights&) = delete;

   private:
    void swap() {
      if (!state_.average) return;
      const auto average = state_.average->average();
      std::swap_ranges(average.begin(), average.end(), state_.model.store().weights().begin());
    }
    State& state_;
  };

  /// By the model as the library would serve it.
  std::vector<TextScores> development_scores() const {
    return development.scores(*native_backend().make(model.as_directory(), LoadOptions()));
  }

  void evaluate() {
    const AveragedWeights averaged(*this);
    DevelopmentReport report = development.measure(development_scores());
    report.step = state.step;
    report.epoch = epoch_of(state.step);
    const double measure = measure_of(report, options.metric_for_best_model);
    const bool less_is_better = options.metric_for_best_model == "loss";
    report.is_best =
        !state.best || (less_is_better ? measure < *state.best : measure > *state.best);
    if (report.is_best) {
      for (DevelopmentReport& before : state.evaluations) before.is_best = false;
      state.best = measure;
      state.best_step = state.step;
      state.without_gain = 0;
    } else {
      ++state.without_gain;
    }
    state.evaluations.push_back(report);
    observer.evaluation(report);
  }

  /// A checkpoint is a model that can be served, with what its training needs to go on.
  void save() {
    const fs::path name = output / checkpoint_name(state.step);
    if (fs::exists(name)) return;
    NewDirectory directory(name);
    const ParameterStore& store = model.store();
    std::vector<TensorToWrite> tensors = store.tensors(store.first_moments(), "exp_avg.");
    auto second = store.tensors(store.second_moments(), "exp_avg_sq.");
    std::move(second.begin(), second.end(), std::back_inserter(tensors));
    if (average) {
      auto last = store.tensors(store.weights(), "last.");
      std::move(last.begin(), last.end(), std::back_inserter(tensors));
    }
    write_safetensors(directory.temporary() / kOptimizerFile, tensors, {});
    {
      const AveragedWeights averaged(*this);
      model.write(directory.temporary(), std::nullopt);
    }
    write_file(directory.temporary() / kStateFile, state_text());
    directory.commit();
    observer.checkpoint(name);
    remove_old_checkpoints();
  }

  std::string state_text() const {
    return state_to_json(state, options, identity, epoch_of(state.step), total_steps).dump(2) +
           "\n";
  }

  void remove_old_checkpoints() const {
    std::vector<std::size_t> steps = checkpoint_steps(output);
    std::size_t kept = 0;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      if (++kept <= options.save_total_limit || (state.best && *step == state.best_step)) continue;
      std::error_code ignored;  // what cannot be removed is no reason to stop
      fs::remove_all(output / checkpoint_name(*step), ignored);
    }
  }

  /// Reads the weights that a checkpoint's model has.
  void read_weights(const fs::path& checkpoint) {
    const ModelDirectory saved = open_model_directory(checkpoint);
    model.store().read(model.store().weights(), saved.weights);
  }

  void go_on_from(std::size_t step) {
    const fs::path checkpoint = output / checkpoint_name(step);
    const std::string file = (checkpoint / kStateFile).string();
    state =
        state_from_json(parse_json(read_text_file(file, kMostStateBytes), file), file, identity);
    ParameterStore& store = model.store();
    read_weights(checkpoint);
    const WeightSource moments = open_safetensors(checkpoint / kOptimizerFile);
    store.read(store.first_moments(), moments, "exp_avg.");
    store.read(store.second_moments(), moments, "exp_avg_sq.");
    if (average) {
      std::ranges::copy(store.weights(), average->average().begin());
      store.read(store.weights(), moments, "last.");
    }
  }

  bool is_over() const {
    const bool patience_ended = options.early_stopping_patience > 0 &&
                                state.without_gain >= options.early_stopping_patience;
    return state.step >= total_steps || patience_ended;
  }

  void train(const std::stop_token& stop) {
    while (!is_over()) {
      const StepReport report = take_step();
      log(report);
      observer.step(report);
      const bool judged = !development.empty() && is_due(options.eval_strategy, options.eval_steps);
      if (judged) evaluate();
      // The best one is always kept.
      const bool is_best = judged && state.best_step == state.step;
      if (is_best || is_due(options.save_strategy, options.save_steps)) save();
      if (stop.stop_requested()) {
        save();
        throw CancelledError::requested();
      }
    }
  }

  TrainingSummary finish() {
    const bool goes_back =
        options.load_best_model_at_end && state.best && state.best_step != state.step;
    if (goes_back) {
      read_weights(output / checkpoint_name(state.best_step));
    } else if (average) {
      std::ranges::copy(average->average(), model.store().weights().begin());
    }
    TrainingSummary summary;
    summary.steps = state.step;
    summary.best_step = state.best ? state.best_step : state.step;
    summary.steps_taken = state.steps;
    summary.evaluations = state.evaluations;
    if (!development.empty()) {
      summary.development_scores = development_scores();
      if (options.tune_thresholds) summary.decision = development.tuned(summary.development_scores);
      summary.best = development.measure(summary.development_scores);
      summary.best->step = summary.best_step;
    }
    model.write(output, summary.decision);
    write_file(output / kStateFile, state_text());
    return summary;
  }

  NewModel& model;
  TrainingData data;
  TrainingOptions options;
  fs::path output;
  Executor& executor;
  TrainingObserver& observer;
  TokenizedTexts tokens;
  std::vector<std::size_t> lengths;
  Development development;
  AnyLoss loss;
  std::vector<UpdateGroup> groups;
  BatchOptions batch_options;
  Schedule schedule;
  std::size_t steps_per_epoch = 0;
  std::size_t total_steps = 0;
  TrainingIdentity identity;
  std::unique_ptr<Backpropagation> backpropagation;
  std::optional<MovingAverage> average;
  TrainingState state;
  std::vector<std::vector<std::size_t>> batches;
  std::size_t epoch_of_batches = 0;
  std::vector<float> targets;
  std::vector<TrainingText> texts;
};

Trainer::Trainer(NewModel& model, TrainingData data, TrainingOptions options, fs::path output,
                 Executor& executor, TrainingObserver& observer)
    : state_(std::make_unique<State>(model, std::move(data), std::move(options), std::move(output),
                                     executor, observer)) {}
Trainer::~Trainer() = default;

std::size_t Trainer::total_steps() const noexcept { return state_->total_steps; }
std::size_t Trainer::truncated_texts() const noexcept { return state_->tokens.truncated_texts(); }
double Trainer::mean_tokens() const noexcept {
  return static_cast<double>(state_->tokens.tokens()) / static_cast<double>(state_->tokens.size());
}

const std::vector<std::pair<std::string, std::string>>& Trainer::identity() const noexcept {
  return state_->identity;
}

TrainingSummary Trainer::run(bool resume, const std::stop_token& stop) {
  const Clock::time_point begin = Clock::now();
  State& state = *state_;
  const std::vector<std::size_t> before = checkpoint_steps(state.output);
  if (!resume && (!before.empty() || is_file(state.output / "config.json"))) {
    throw IoError::cannot("train into", state.output.string(),
                          "a model or checkpoints of another run are there already");
  }
  std::error_code error;
  fs::create_directories(state.output, error);
  if (error) throw IoError::cannot("create", state.output.string(), error.message());
  remove_unfinished(state.output);
  if (!before.empty()) state.go_on_from(before.back());
  state.train(stop);
  TrainingSummary summary = state.finish();
  summary.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return summary;
}

}  // namespace polytag::training
