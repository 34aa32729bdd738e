#include "cli/train_arguments.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "convert/origins/hyperparameters.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

using training::Pooling;
using training::TrainingOptions;

constexpr std::size_t kMostBytes = 1 << 20;
const std::vector<std::string> kHeads{"cls_dense", "mean_dense", "text_cnn", "binary_relevance",
                                      "linear"};

std::string kebab(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', '-');
  return words;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What a hyperparameters.py of the replaced system says about training.
TrainingOptions replaced_options(const std::string& path) {
  const Hyperparameters file(path);
  TrainingOptions options = training::replaced_system_options();
  options.per_device_train_batch_size = file.size("batch_size", 32);
  options.num_train_epochs = file.number("num_train_epochs", options.num_train_epochs);
  options.learning_rate = file.number("learning_rate", options.learning_rate);
  options.head_learning_rate = options.learning_rate;
  options.warmup_ratio = file.number("warmup_proportion", options.warmup_ratio);
  options.max_seq_length = file.size("sequence_length", options.max_seq_length);
  return options;
}

}  // namespace

void TrainArguments::add_to(CLI::App& command) {
  command_ = &command;
  command.allow_extras();
  command
      .add_option("OPTIONS", options_file,
                  "File of options: JSON, or a hyperparameters.py of classifier-multi-label")
      ->type_name("FILE");
  const std::string group = "Training";
  command
      .add_option(
          "--encoder", encoder,
          "Pretrained model to begin with: a directory of Hugging Face or of polytag convert")
      ->type_name("DIR")
      ->group(group);
  command.add_option("--data", data, "File with texts and their labels, as evaluate reads it")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--dev", development,
                  "The same to judge by (default: a tenth of the data, every label's share of it)")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--dev-share", development_share, "How much of the data is set apart; 0: none")
      ->type_name("SHARE")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--labels", labels_file,
                  "Names of the labels, one a line (default: those in the data)")
      ->type_name("FILE")
      ->group(group);
  command.add_option("-o,--output", output, "Directory for the model, its checkpoints and logs")
      ->type_name("DIR")
      ->group(group);
  command.add_option("--head", head, "What stands on the encoder; linear needs none")
      ->check(one_of(kHeads))
      ->capture_default_str()
      ->group(group);
  add_choice<Pooling>(command, "--pooling", pooling,
                      {{"auto", Pooling::kAuto}, {"cls", Pooling::kCls}, {"mean", Pooling::kMean}},
                      "What of the hidden states a dense head reads (default: as the encoder does)")
      ->group(group);
  command.add_flag("--resume", resume, "Go on from the latest checkpoint in --output")
      ->group(group);
  command
      .add_flag("--no-baseline", no_baseline, "Do not train the linear model beside, to compare")
      ->group(group);
  for (const training::TrainingField& field : training::training_fields()) {
    const TrainingOptions defaults;
    const std::string name(field.name);
    command
        .add_option_function<std::string>(
            "--" + kebab(name) + (kebab(name) == name ? "" : ",--" + name),
            [this, name](const std::string& value) { given_.emplace_back(name, value); },
            std::string(field.description) + " (default: " + training_option(defaults, name) + ")")
        ->type_name(std::string(field.type))
        ->group("Recipe");
  }
  threads.add_to(command);
  fields.add_fields_to(command);
}

bool TrainArguments::set_own(const std::string& name, const std::string& value) {
  const auto take = [&](const std::string& option, std::string& place) {
    if (name != option) return false;
    if (command_->count("--" + option) == 0) place = value;
    return true;
  };
  if (name == "dev" || name == "labels") {
    auto& place = name == "dev" ? development : labels_file;
    if (!place) place = value;
    return true;
  }
  if (name == "pooling") {
    if (!pooling)
      pooling = value == "mean" ? Pooling::kMean : value == "cls" ? Pooling::kCls : Pooling::kAuto;
    return true;
  }
  return take("encoder", encoder) || take("data", data) || take("output", output) ||
         take("head", head);
}

void TrainArguments::read_file(TrainingOptions& options) {
  const std::string& path = *options_file;
  if (lower_case_extension(path) == ".py") {
    options = replaced_options(path);
    return;
  }
  const JsonDocument json = parse_json(read_text_file(path, kMostBytes), path);
  if (!json->is_object()) throw FormatError::mismatch(path, "JSON", "an object", json->type_name());
  for (const auto& [name, value] : json->items()) {
    if (value.is_null() || set_own(name == "output_dir" ? "output" : name, text_of(value)))
      continue;
    set_training_option(options, name, text_of(value));
  }
}

TrainingOptions TrainArguments::training_options() {
  TrainingOptions options;
  for (const std::string& extra : command_->remaining()) {
    if (extra.starts_with('-')) set_training_option(options, extra.substr(0, extra.find('=')), "");
    throw ArgumentError::mismatch("train", "options of this command", "\"" + extra + "\"");
  }
  if (options_file) read_file(options);
  for (const auto& [name, value] : given_) set_training_option(options, name, value);
  check_training_options(options);
  return options;
}

InputFile TrainArguments::input(const std::string& path,
                                std::initializer_list<std::string_view> words) const {
  std::string file = path;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      const std::string name = entry.path().stem().string();
      const auto has = [&](std::string_view word) { return name.find(word) != std::string::npos; };
      if (entry.is_regular_file() && std::any_of(words.begin(), words.end(), has)) {
        found.push_back(entry.path().string());
      }
    }
    if (found.size() != 1) {
      throw ArgumentError::mismatch(path,
                                    "one file whose name has \"" + std::string(*words.begin()) +
                                        "\" in it, or the name of a file",
                                    std::to_string(found.size()));
    }
    file = found.front();
  }
  return {file, fields.rows.options_for(file, InputFormat::kJson)};
}

void TrainArguments::check() const {
  const auto require = [](const std::string& value, std::string_view option,
                          std::string_view expected) {
    if (value.empty()) throw ArgumentError::mismatch(option, expected, "none");
  };
  require(data, "--data", "a file with texts and their labels");
  require(output, "--output", "a directory");
  if (head != "linear") require(encoder, "--encoder", "the directory of a pretrained model");
  if (!(development_share >= 0 && development_share < 1)) {
    throw ArgumentError::mismatch("--dev-share", "from 0 to below 1",
                                  std::to_string(development_share));
  }
  if (pooling && head != "cls_dense") {
    throw ArgumentError::mismatch("--pooling", "the head cls_dense beside it", head);
  }
}

}  // namespace polytag::cli
