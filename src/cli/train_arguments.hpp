#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/input_arguments.hpp"
#include "polytag/training/new_model.hpp"
#include "polytag/training/training_options.hpp"

namespace polytag::cli {

/// What train is told: by a file of options, and by the command line, which goes before it.
struct TrainArguments {
  std::optional<std::string> options_file;  ///< JSON, or a hyperparameters.py
  std::string encoder;
  std::string data;
  std::optional<std::string> development;
  double development_share = 0.1;
  std::optional<std::string> labels_file;
  std::string output;
  std::string head = "cls_dense";
  std::optional<training::Pooling> pooling;
  bool resume = false;
  bool no_baseline = false;
  LabelledInputArguments fields;
  ThreadArguments threads;

  void add_to(CLI::App& command);
  /// Options of the training: defaults, what the file says, what the command line says.
  /// @throws ArgumentError for names and values that are none; FormatError, IoError for the file
  training::TrainingOptions training_options();
  /// @throws ArgumentError naming what is missing
  void check() const;
  /// A file of texts, or the only one in a folder whose name has one of the words.
  /// @throws ArgumentError for a folder with none or several of them
  InputFile input(const std::string& path, std::initializer_list<std::string_view> words) const;

 private:
  void read_file(training::TrainingOptions& options);
  bool set_own(const std::string& name, const std::string& value);

  CLI::App* command_ = nullptr;
  std::vector<std::pair<std::string, std::string>> given_;  // training options, as they were given
};

}  // namespace polytag::cli
