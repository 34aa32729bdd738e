#include "polytag/training/trainer.hpp"

#include <cmath>
#include <filesystem>
#include <limits>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "support/golden.hpp"
#include "support/same_bytes.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::training {

namespace {

namespace fs = std::filesystem;

const LabelVocabulary kLabels({"wheat", "oil", "gold"}, "test");

std::vector<LabelledText> some_texts(std::size_t count) {
  const std::vector<std::string> words{"wheat harvest", "oil barrels", "gold ounces"};
  std::vector<LabelledText> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back({words[i % 3] + (i % 2 == 0 ? " rose" : " fell in the market"), {}, {i % 3}});
    if (i % 5 == 0) texts.back().labels.clear();
  }
  return texts;
}

TrainingOptions quick_options() {
  TrainingOptions options;
  options.per_device_train_batch_size = 6;
  options.num_train_epochs = 2;
  options.learning_rate = 1e-3;
  options.logging_steps = 2;
  options.hidden_dropout = 0.1;
  options.save_total_limit = 9;
  return options;
}

NewModel new_model(std::span<const LabelledText> texts, Pooling pooling = Pooling::kCls) {
  return NewModel({.encoder = *test::find_golden("hf/bert_small"), .pooling = pooling}, kLabels,
                  texts);
}

struct Steps final : TrainingObserver {
  void step(const StepReport& report) override {
    ++count;
    last = report;
    if (count == stop_after) source.request_stop();
  }
  void evaluation(const DevelopmentReport& report) override { evaluations.push_back(report); }

  std::size_t stop_after = 0;
  std::size_t count = 0;
  StepReport last;
  std::vector<DevelopmentReport> evaluations;
  std::stop_source source;
};

/// Trains, and returns the bytes of the weights.
std::string train(const fs::path& output, const TrainingOptions& options, std::size_t threads,
                  std::size_t stop_after = 0, bool resume = false) {
  const TrainingData data{some_texts(12), some_texts(6)};
  NewModel model = new_model(data.training);
  ThreadPool pool(threads);
  Steps steps;
  steps.stop_after = stop_after;
  Trainer trainer(model, data, options, output, pool, steps);
  trainer.run(resume, steps.source.get_token());
  return file_bytes(output / "model.safetensors");
}

}  // namespace

TEST_CASE("A training that was interrupted goes on to the same bits, on other threads, too") {
  const TemporaryDirectory directory;
  TrainingOptions options = quick_options();
  options.ema_decay = GENERATE(0.0, 0.9);
  const std::string whole = train(directory / "whole", options, 1);
  REQUIRE_FALSE(whole.empty());
  CHECK_THROWS_AS(train(directory / "parts", options, 2, 1), CancelledError);
  CHECK_FALSE(fs::exists(fs::path(directory / "parts") / "config.json"));  // no model yet
  CHECK_THROWS_AS(train(directory / "parts", options, 1, 2, true), CancelledError);
  CHECK(train(directory / "parts", options, 3, 0, true) == whole);
  const auto whole_state = file_bytes(fs::path(directory / "whole") / "trainer_state.json");
  CHECK(file_bytes(fs::path(directory / "parts") / "trainer_state.json") == whole_state);
}

TEST_CASE("What is measured in training is what the saved model answers, to the bit") {
  for (const Pooling pooling : {Pooling::kCls, Pooling::kMean}) {
    const TemporaryDirectory directory;
    const TrainingData data{some_texts(24), some_texts(12)};
    NewModel model = new_model(data.training, pooling);
    SerialExecutor serial;
    Steps steps;
    Trainer trainer(model, data, quick_options(), directory / "out", serial, steps);
    CHECK(trainer.total_steps() == 8);
    const TrainingSummary summary = trainer.run(false);
    CHECK(steps.count == 8);
    CHECK(std::isfinite(steps.last.loss));
    CHECK(steps.evaluations.size() == 2);
    CHECK(summary.steps_taken.size() == 4);
    REQUIRE(summary.decision);
    const auto classifier = load_classifier(directory / "out");
    CHECK(classifier->description().head ==
          (pooling == Pooling::kMean ? "mean_dense" : "cls_dense"));
    CHECK(classifier->labels().names() == kLabels.names());
    CHECK(classifier->decision_policy().threshold == summary.decision->threshold);
    CHECK(classifier->decision_policy().label_thresholds == summary.decision->label_thresholds);
    for (std::size_t i = 0; i < data.development.size(); ++i) {
      CHECK(classifier->scores(data.development[i].text).scores ==
            summary.development_scores[i].scores);
    }
    const auto state = test::read_golden_json(fs::path(directory / "out") / "trainer_state.json");
    CHECK(state["global_step"] == 8);
    CHECK(state["log_history"].size() == 6);
  }
}

TEST_CASE("The first model gives each label its share of the training texts") {
  const auto texts = some_texts(24);
  NewModel model = new_model(texts);
  const ParameterPlace& bias = *model.store().layout().find("classifier.bias");
  const auto counts = label_counts(texts, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = static_cast<double>(counts[i]);
    CHECK(ParameterStore::of(bias, model.store().weights())[i] ==
          Approx(std::log((n + 0.5) / (24 - n + 0.5))));
  }
  CHECK(model.new_parameters().empty());
}

TEST_CASE("A frozen encoder keeps its weights while the head learns") {
  const TemporaryDirectory directory;
  const TrainingData data{some_texts(24), {}};
  NewModel model = new_model(data.training);
  const std::vector<float> before(model.store().weights().begin(), model.store().weights().end());
  TrainingOptions options = quick_options();
  options.freeze_encoder = true;
  SerialExecutor serial;
  Steps steps;
  Trainer(model, data, options, directory / "out", serial, steps).run(false);
  for (const ParameterPlace& place : model.store().layout().places()) {
    INFO(place.name);
    const auto now = ParameterStore::of(place, std::as_const(model).store().weights());
    const bool same = std::equal(now.begin(), now.end(),
                                 before.begin() + static_cast<std::ptrdiff_t>(place.offset));
    CHECK(same == (place.depth < model.store().layout().head_depth()));
  }
}

TEST_CASE("A run goes on only with the data and the options that it began with") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(train(directory / "out", quick_options(), 1, 1), CancelledError);
  TrainingOptions other = quick_options();
  other.learning_rate = 2e-3;
  CHECK_THROWS_WITH(
      train(directory / "out", other, 1, 0, true),
      ContainsSubstring("learning_rate: expected 0.002") && ContainsSubstring("found 0.001"));
  const TrainingData data{some_texts(11), some_texts(6)};
  NewModel model = new_model(some_texts(12));
  SerialExecutor serial;
  Steps steps;
  Trainer trainer(model, data, quick_options(), directory / "out", serial, steps);
  CHECK_THROWS_WITH(trainer.run(true), ContainsSubstring("training data: expected 11 texts"));
  CHECK_THROWS_WITH(trainer.run(false), ContainsSubstring("are there already"));
}

TEST_CASE("A loss that is no number ends the training and names the step and the texts") {
  const TemporaryDirectory directory;
  TrainingOptions options = quick_options();
  options.learning_rate = options.head_learning_rate = 1e5;
  options.max_grad_norm = 0;
  options.warmup_ratio = 0;
  options.num_train_epochs = 20;
  options.eval_strategy = TrainingMoment::kNo;
  options.save_strategy = TrainingMoment::kNo;
  const TrainingData data{some_texts(24), {}};
  NewModel model = new_model(data.training);
  const ParameterPlace& table = model.store().layout().places().front();
  std::ranges::fill(ParameterStore::of(table, model.store().weights()),
                    std::numeric_limits<float>::infinity());
  SerialExecutor serial;
  Steps steps;
  Trainer trainer(model, data, options, directory / "out", serial, steps);
  CHECK_THROWS_WITH(trainer.run(false), ContainsSubstring("step 1, training texts") &&
                                            ContainsSubstring("learning_rate"));
  CHECK_FALSE(fs::exists(fs::path(directory / "out") / "config.json"));
}

TEST_CASE("More labels than can be trained are refused with the memory that they would take") {
  std::vector<std::string> names(1'000'000);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = std::to_string(i);
  const LabelVocabulary labels(std::move(names), "test");
  CHECK_THROWS_WITH(NewModel({.encoder = *test::find_golden("hf/bert_small")}, labels, {}),
                    ContainsSubstring("found 1000000, whose layer takes 1040 MB"));
}

TEST_CASE("Training stops early where nothing gets better") {
  const TemporaryDirectory directory;
  TrainingOptions options = quick_options();
  options.num_train_epochs = 9;
  options.learning_rate = options.head_learning_rate = 1e-9;
  options.early_stopping_patience = 2;
  const TrainingData data{some_texts(24), some_texts(12)};
  NewModel model = new_model(data.training);
  SerialExecutor serial;
  Steps steps;
  const auto summary = Trainer(model, data, options, directory / "out", serial, steps).run(false);
  CHECK(summary.evaluations.size() == 3);
  CHECK(summary.best_step == 4);
}

TEST_CASE("One text and empty texts can be learned from, no text cannot") {
  const TemporaryDirectory directory;
  NewModel model = new_model(some_texts(3));
  SerialExecutor serial;
  Steps steps;
  const TrainingData one{{{"", {}, {}}}, {}};
  Trainer(model, one, quick_options(), directory / "one", serial, steps).run(false);
  CHECK(fs::exists(fs::path(directory / "one") / "config.json"));
  CHECK_THROWS_AS(Trainer(model, {}, quick_options(), directory / "none", serial, steps),
                  ArgumentError);
}

}  // namespace polytag::training
