#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/checkpoint_report.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output_file.hpp"

namespace polytag::cli {

namespace {

enum class ReportFormat { kTable, kJson };

struct InspectArguments {
  std::string path;
  std::optional<ReportFormat> format;
};

int inspect(const InspectArguments& arguments) {
  const OpenedCheckpoint checkpoint = open_checkpoint(arguments.path);
  const bool json = arguments.format == ReportFormat::kJson;
  const StopEvent stop;
  OutputFile output(std::nullopt, stop);
  output.write(json ? checkpoint_json(checkpoint).dump(2) + "\n" : checkpoint_table(checkpoint));
  output.commit();
  return kSuccess;
}

}  // namespace

Command add_inspect_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("inspect", "Say what a model or a checkpoint is");
  const auto arguments = std::make_shared<InspectArguments>();
  command
      ->add_option("MODEL", arguments->path,
                   "Model directory, .safetensors file, TensorFlow or PyTorch checkpoint")
      ->required();
  add_choice<ReportFormat>(*command, "--format", arguments->format,
                           {{"table", ReportFormat::kTable}, {"json", ReportFormat::kJson}},
                           "Form of the report (default: table)");
  command->footer(
      "Examples:\n"
      "  polytag inspect models/reuters\n"
      "  polytag inspect model-00001-of-00002.safetensors --format json\n"
      "  polytag inspect checkpoint/model_0_0.ckpt");
  return {command, [arguments] { return inspect(*arguments); }};
}

}  // namespace polytag::cli
