#include "cli/arguments.hpp"

#include <algorithm>
#include <sstream>

#include "cli/exit_code.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag::cli {

namespace {

struct Arguments {
  ModelArguments model;
  OutputArguments output;
  DecisionArguments decision;
  BatchArguments batch;
};

/// Parses "polytag MODEL …" as the commands do.
std::unique_ptr<Arguments> parsed(const std::string& line) {
  auto arguments = std::make_unique<Arguments>();
  CLI::App command;
  arguments->model.add_to(command);
  arguments->decision.add_to(command);
  arguments->batch.add_to(command);
  arguments->output.add_to(command);
  command.parse(line);
  return arguments;
}

}  // namespace

TEST_CASE("arguments: a model alone means what the library means", "[cli][arguments]") {
  const auto arguments = parsed("model");
  CHECK(arguments->model.directory == "model");
  CHECK(arguments->model.load.precision == Precision::kFloat32);
  CHECK(arguments->model.load.backend.name == "native");
  CHECK_FALSE(arguments->model.load.instruction_set.has_value());
  CHECK(arguments->model.thread_count() == available_threads());
  CHECK_FALSE(arguments->decision.policy({}).has_value());
  ClassifyOptions options;
  arguments->batch.apply_to(options);
  CHECK(options.batch_tokens == ClassifyOptions{}.batch_tokens);
  CHECK_FALSE(options.windows.has_value());
}

TEST_CASE("arguments: how a model is loaded", "[cli][arguments]") {
  const auto arguments = parsed(
      "model --precision bfloat16 --threads 3 --backend reference --isa baseline "
      "--problem-type single_label_classification --batch-tokens 77 --window-overlap 5 "
      "--window-pooling mean --memory-budget 64M");
  CHECK(arguments->model.load.precision == Precision::kBfloat16);
  CHECK(arguments->model.thread_count() == std::min<std::size_t>(3, available_threads()));
  CHECK(arguments->model.load.backend.name == "reference");
  CHECK(arguments->model.load.instruction_set == InstructionSet::kBaseline);
  CHECK(arguments->model.load.problem_type == "single_label_classification");
  ClassifyOptions options;
  arguments->batch.apply_to(options);
  CHECK(options.batch_tokens == 77);
  CHECK(options.memory_budget == std::size_t{64} << 20);
  REQUIRE(options.windows.has_value());
  CHECK(options.windows->overlap == 5);
  CHECK(options.windows->pooling == WindowPooling::kMean);
}

TEST_CASE("arguments: unknown names list the known ones", "[cli][arguments]") {
  CHECK_THROWS_WITH(parsed("model --precision float64"), ContainsSubstring("bfloat16"));
  CHECK_THROWS_WITH(parsed("model --isa sse9"), ContainsSubstring("avx512_bf16"));
  CHECK_THROWS_WITH(parsed("model --format xml"), ContainsSubstring("jsonl"));
}

TEST_CASE("arguments: values out of range are refused", "[cli][arguments]") {
  for (const char* wrong :
       {"", "model --threshold 1.5", "model --threshold -0.1", "model --threshold x",
        "model --top-k 0", "model --top-k -1", "model --threads 0", "model --batch-tokens 0",
        "model --window-pooling max", "model --no-such-option", "model --top-k 1.5"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parsed(wrong), CLI::ParseError);
  }
}

TEST_CASE("arguments: decisions change what the model says, and no more", "[cli][arguments]") {
  DecisionPolicy of_model;
  of_model.label_thresholds = {0.1F, 0.9F};
  of_model.top_k = 7;
  const auto top = parsed("model --top-k 2")->decision.policy(of_model);
  REQUIRE(top.has_value());
  CHECK(top->top_k == 2);
  CHECK(top->label_thresholds == of_model.label_thresholds);
  CHECK_FALSE(top->at_least_one);
  const auto cut = parsed("model --threshold 0.25 --at-least-one")->decision.policy(of_model);
  REQUIRE(cut.has_value());
  CHECK(cut->threshold == 0.25F);
  CHECK(cut->label_thresholds.empty());
  CHECK(cut->top_k == 7);
  CHECK(cut->at_least_one);
}

TEST_CASE("arguments: the output's format follows name and options", "[cli][arguments]") {
  CHECK(parsed("model -o x.csv")->output.resolved_format() == OutputFormat::kCsv);
  CHECK(parsed("model -o x.jsonl")->output.resolved_format() == OutputFormat::kJsonl);
  CHECK(parsed("model -o x")->output.resolved_format() == OutputFormat::kJsonl);
  CHECK(parsed("model -o x.csv --format table")->output.resolved_format() == OutputFormat::kTable);
}

TEST_CASE("exit codes: every error has its own, as --help says", "[cli][arguments]") {
  CHECK(exit_code(ErrorCode::kArgument) == 2);
  CHECK(exit_code(ErrorCode::kIo) == 3);
  CHECK(exit_code(ErrorCode::kFormat) == 4);
  CHECK(exit_code(ErrorCode::kConfig) == 4);
  CHECK(exit_code(ErrorCode::kShape) == 4);
  CHECK(exit_code(ErrorCode::kEncoding) == 4);
  CHECK(exit_code(ErrorCode::kCancelled) == 130);
  for (const char* code : {"0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130 "}) {
    CHECK_THAT(exit_code_help(), ContainsSubstring(std::string("\n  ") + code));
  }
}

}  // namespace polytag::cli
