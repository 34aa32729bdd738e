#include <memory>
#include <optional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "jobs/output_file.hpp"
#include "reports/conversion_report.hpp"

namespace polytag::cli {

namespace {

struct ConvertArguments {
  ConvertOptions options;
  bool quiet = false;
};

int convert(const ConvertArguments& arguments) {
  const ConversionReport report = convert_checkpoint(arguments.options);
  if (arguments.quiet) return kSuccess;
  const StopEvent stop;
  OutputFile output(std::nullopt, stop);
  output.write(conversion_table(report, arguments.options.output));
  output.commit();
  return kSuccess;
}

}  // namespace

Command add_convert_command(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("convert", "Make a model directory of another framework's checkpoint");
  const auto arguments = std::make_shared<ConvertArguments>();
  ConvertOptions& options = arguments->options;
  command
      ->add_option("SOURCE", options.source,
                   "TensorFlow checkpoint, PyTorch or safetensors file, Hugging Face directory, or "
                   "the folder of a program of classifier-multi-label")
      ->required();
  command->add_option("-o,--output", options.output, "Model directory to make")->required();
  command->add_option("--config", options.config, "albert_config.json, bert_config.json, …");
  command->add_option("--vocab", options.vocabulary, "vocab.txt");
  command->add_option("--labels", options.labels, "A label a line, as in vocabulary_label.txt");
  command
      ->add_option("--head", options.head, "Stop if the checkpoint has another head than this one")
      ->check(one_of({"cls_dense", "text_cnn", "binary_relevance", "seq2seq"}));
  add_quiet(*command, arguments->quiet, "Do not print what became what");
  command->footer(
      "What is not given is looked for beside the checkpoint and in the program's folder. Tensors\n"
      "keep their types and their bits.\n\n"
      "Examples:\n"
      "  polytag convert classifier_multi_label_textcnn --output models/reviews\n"
      "  polytag convert uncased_L-2_H-128_A-2/bert_model.ckpt --output models/bert-tiny\n"
      "  polytag convert pytorch_model.bin --output models/topics");
  return {command, [arguments] { return convert(*arguments); }};
}

}  // namespace polytag::cli
