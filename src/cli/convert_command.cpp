#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/signal_guard.hpp"
#include "jobs/output_file.hpp"
#include "polytag/error.hpp"
#include "reports/conversion_report.hpp"

namespace polytag::cli {

namespace {

struct ConvertArguments {
  ConvertOptions options;
  std::vector<std::string> renames;  // PATTERN=NAME
  bool quiet = false;
};

TensorRename parse_rename(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    throw ArgumentError::mismatch("--rename", "PATTERN=NAME", "\"" + text + "\"");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

ConversionReport convert_until_signal(ConvertOptions options) {
  StopEvent stop;
  const SignalGuard guard(stop);
  options.stop = stop.token();
  return convert_checkpoint(options);
}

int convert(const ConvertArguments& arguments) {
  ConvertOptions options = arguments.options;
  for (const std::string& text : arguments.renames) options.renames.push_back(parse_rename(text));
  const ConversionReport report = convert_until_signal(std::move(options));
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
  command
      ->add_option("--rename", arguments->renames,
                   "Give tensors other names: a name or the beginning of one up to a '.' or '/', "
                   "with one * for any text, and what takes its place")
      ->type_name("PATTERN=NAME")
      ->allow_extra_args(false);
  command
      ->add_option("--encoder-prefix", options.encoder_prefix,
                   "What the names of the encoder's tensors begin with, if there are several "
                   "encoders or none is found")
      ->type_name("PREFIX");
  add_quiet(*command, arguments->quiet, "Do not print what became what");
  command->footer(
      "What is not given is looked for beside the checkpoint and in the program's folder. Tensors\n"
      "keep their types and their bits.\n\n"
      "Examples:\n"
      "  polytag convert classifier_multi_label_textcnn --output models/reviews\n"
      "  polytag convert uncased_L-2_H-128_A-2/bert_model.ckpt --output models/bert-tiny\n"
      "  polytag convert pytorch_model.bin --output models/topics\n"
      "  polytag convert epoch=3.ckpt --rename model.fc=classifier --output models/toxicity");
  return {command, [arguments] { return convert(*arguments); }};
}

}  // namespace polytag::cli
