#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/report_format.hpp"
#include "jobs/output_file.hpp"
#include "reports/checkpoint_report.hpp"
#include "reports/model_report.hpp"

namespace polytag::cli {

namespace {

struct InspectArguments {
  ModelArguments model;
  std::optional<ReportFormat> format;
};

std::string model_report(const ModelArguments& arguments, bool json) {
  if (is_linear_model(arguments.directory)) {
    const LinearModel model = read_linear_model(arguments.directory);
    const auto report = linear_model_json(model);
    return json ? report.dump(2) + "\n" : linear_model_table(report);
  }
  const auto classifier = load_classifier(arguments.directory, arguments.load);
  const auto report = model_json(open_model_directory(arguments.directory), *classifier);
  return json ? report.dump(2) + "\n" : model_table(report);
}

std::string checkpoint_report(const std::string& path, bool json) {
  const OpenedCheckpoint checkpoint = open_checkpoint(path);
  return json ? checkpoint_json(checkpoint).dump(2) + "\n" : checkpoint_table(checkpoint);
}

int inspect(const InspectArguments& arguments) {
  const std::string& path = arguments.model.directory;
  const bool json = arguments.format == ReportFormat::kJson;
  const bool is_model = std::filesystem::exists(std::filesystem::path(path) / "config.json");
  const StopEvent stop;
  OutputFile output(std::nullopt, stop);
  output.write(is_model ? model_report(arguments.model, json) : checkpoint_report(path, json));
  output.commit();
  return kSuccess;
}

}  // namespace

Command add_inspect_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("inspect", "Say what a model or a checkpoint is");
  const auto arguments = std::make_shared<InspectArguments>();
  arguments->model.add_to(*command);
  command->get_option("MODEL")->description(
      "Model directory; or weights alone: a .safetensors file, a TensorFlow or a PyTorch "
      "checkpoint");
  add_report_format(*command, arguments->format);
  command->footer(
      "Examples:\n"
      "  polytag inspect models/reuters\n"
      "  polytag inspect model-00001-of-00002.safetensors --format json\n"
      "  polytag inspect checkpoint/model_0_0.ckpt");
  return {command, [arguments] { return inspect(*arguments); }};
}

}  // namespace polytag::cli
