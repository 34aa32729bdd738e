#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "files/json.hpp"
#include "program.hpp"
#include "support/catch.hpp"

// `train` as users run it, on the model and the labelled texts of the examples.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

// Few and short texts: an encoder is trained by a program that may be built without optimisation.
constexpr const char* kTrain =
    "$polytag train --encoder model --data few.jsonl --max-seq-length 12 --num-train-epochs 2 "
    "--per-device-train-batch-size 4 --logging-steps 1 ";

void start() {
  start_with_examples();
  sh("head -n 16 news.jsonl > few.jsonl");
}

void succeed(const std::string& script) {
  const Outcome outcome = sh(script);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
}

}  // namespace

TEST_CASE("train: the linear head learns from labelled texts, and is served", "[cli][train]") {
  start();
  succeed("$polytag train --head linear --data news.jsonl --dev-share 0 --output linear -q");
  const Outcome found =
      sh("$polytag scores linear \"The wheat harvest and exports of grain\" --named");
  REQUIRE(found.exit_code == 0);
  CHECK_THAT(found.out, ContainsSubstring("wheat"));
  CHECK_THAT(sh("$polytag inspect linear").out, ContainsSubstring("tf_idf"));
  CHECK(sh("$polytag train --head linear --data news.jsonl --output linear -q").exit_code == 3);
}

TEST_CASE("train: what training measures is what evaluate measures", "[cli][train]") {
  start();
  succeed("head -n 40 news.jsonl | tail -n 24 > dev.jsonl");
  succeed(std::string(kTrain) + "--dev dev.jsonl --unknown-labels ignore --output trained -q");
  const Json state = parse_json(read("trained/trainer_state.json"), "state");
  const Json report = parse_json(
      sh("$polytag evaluate trained --input dev.jsonl --threshold 0.5 --format json -q").out,
      "report");
  CHECK(state["best_metric"] == report["micro"]["f1"]);
  CHECK(fs::exists(scratch() + "trained/training_report.html"));
  CHECK_THAT(read("trained/logs/training.csv"), ContainsSubstring("eval_f1_micro"));
}

TEST_CASE("train: a run that a signal stopped goes on to the same bits", "[cli][train]") {
  start();
  succeed(std::string(kTrain) + "--output whole -q --no-baseline");
  for (const int signal : {SIGINT, SIGKILL}) {
    const std::string output = "parts" + std::to_string(signal);
    {
      RunningProgram program({"train",
                              "--encoder",
                              scratch() + "model",
                              "--data",
                              scratch() + "few.jsonl",
                              "--max-seq-length",
                              "12",
                              "--num-train-epochs",
                              "2",
                              "--per-device-train-batch-size",
                              "4",
                              "--logging-steps",
                              "1",
                              "--save-strategy",
                              "steps",
                              "--save-steps",
                              "1",
                              "--output",
                              scratch() + output,
                              "-q",
                              "--no-baseline"});
      const std::string first = scratch() + output + "/checkpoint-000002";
      for (int i = 0; i < 3000 && !fs::exists(first); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
      program.send(signal);
      const int ended = program.wait();
      // A fast machine may be done before the signal comes.
      CHECK((ended == (signal == SIGINT ? 130 : -SIGKILL) || ended == 0));
    }
    succeed(std::string(kTrain) + "--save-strategy steps --save-steps 1 --output " + output +
            " --resume --threads 1 -q --no-baseline");
    CHECK(read(output + "/model.safetensors") == read("whole/model.safetensors"));
    CHECK(read(output + "/config.json") == read("whole/config.json"));
  }
}

TEST_CASE("train: options come from a file, and the command line goes before it", "[cli][train]") {
  start();
  write("options.json", R"({"encoder": "model", "data": "few.jsonl", "output_dir": "trained",
    "num_train_epochs": 9, "max_steps": 1, "max_seq_length": 12, "load_best_model_at_end": true,
    "per_device_train_batch_size": 4, "eval_strategy": "no", "deepspeed": null})");
  succeed("$polytag train options.json --num-train-epochs 1 -q");
  const Json state = parse_json(read("trained/trainer_state.json"), "state");
  CHECK(state["max_steps"] == 1);
  CHECK(state["num_train_epochs"] == 1.0);
  write("options.json", R"({"lerning_rate": 1})");
  const Outcome unknown = sh("$polytag train options.json");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("is learning_rate meant?"));
}

TEST_CASE("train: what cannot be trained is refused before anything is written", "[cli][train]") {
  start();
  const auto refusal = [](const std::string& options) {
    const Outcome outcome = sh("$polytag train --output trained " + options);
    CHECK(outcome.exit_code != 0);
    CHECK_FALSE(fs::exists(scratch() + "trained"));
    return outcome.err;
  };
  CHECK_THAT(refusal("--encoder model --data few.jsonl --fp16 true"), ContainsSubstring("float16"));
  CHECK_THAT(refusal("--encoder model --data few.jsonl --learningrate 1"),
             ContainsSubstring("is learning_rate meant?"));
  CHECK_THAT(refusal("--data few.jsonl"), ContainsSubstring("--encoder"));
  CHECK_THAT(refusal("--encoder nowhere --data few.jsonl"), ContainsSubstring("nowhere"));
  write("labels.txt", "wheat\nplutonium\n");
  CHECK_THAT(refusal("--encoder model --data few.jsonl --labels labels.txt"),
             ContainsSubstring("label \"plutonium\": expected a training text that has it"));
  write("empty.jsonl", "");
  CHECK_FALSE(refusal("--encoder model --data empty.jsonl").empty());
}

}  // namespace polytag::cli
