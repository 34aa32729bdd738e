#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/validators.hpp"
#include "polytag/classifier.hpp"
#include "reports/record_format.hpp"

namespace polytag::cli {

// Groups of options that commands share. add_to() declares them; the values are there after the
// parse. Commands keep the groups alive until then.

/// --threads.
struct ThreadArguments {
  std::size_t threads = 0;  ///< at most; 0: all that this process may use

  void add_to(CLI::App& command);
  /// As many as were asked for, but no more than this process may use.
  std::size_t count() const;
};

/// MODEL and how it is loaded and computed.
struct ModelArguments {
  std::string directory;
  LoadOptions load;  ///< but for threads: commands share one pool with the library
  ThreadArguments threads;

  void add_to(CLI::App& command);
  /// All but --precision and --threads, for a command that takes several of each.
  void add_common_to(CLI::App& command);
  std::size_t thread_count() const { return threads.count(); }
};

/// How texts are put through the model and decided.
struct DecisionArguments {
  std::optional<float> threshold;
  std::optional<std::size_t> top_k;
  bool at_least_one = false;

  void add_to(CLI::App& command);
  /// The model's own policy with what the command line changes; none if it changes nothing.
  std::optional<DecisionPolicy> policy(const DecisionPolicy& of_model) const;
};

/// Batches and windows.
struct BatchArguments {
  std::size_t batch_tokens = ClassifyOptions{}.batch_tokens;
  std::size_t memory_budget = 0;  ///< bytes; 0: no limit
  std::optional<std::size_t> window_overlap;
  std::optional<WindowPooling> window_pooling;

  void add_to(CLI::App& command);
  void apply_to(ClassifyOptions& options) const;
};

/// Where results go, and in which form.
struct OutputArguments {
  std::optional<std::string> path;
  std::optional<OutputFormat> format;
  bool keep_going = false;
  bool resume = false;
  bool quiet = false;

  void add_to(CLI::App& command);
  /// As asked for, else by the file's name, else a table for a terminal and JSONL for the rest.
  OutputFormat resolved_format() const;
};

/// The extension of a file's name: its last dot and the rest, as in ".csv".
std::string lower_case_extension(const std::string& path);

/// Declares -q.
void add_quiet(CLI::App& command, bool& quiet, const std::string& description);

/// Declares an option that takes one of a few names.
template <class Value>
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::optional<Value>& value,
                        const std::vector<std::pair<std::string, Value>>& choices,
                        const std::string& description) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.first);
  return command
      .add_option_function<std::string>(
          name,
          [&value, choices](const std::string& chosen) {
            for (const auto& [known, meaning] : choices) {
              if (known == chosen) value = meaning;
            }
          },
          description)
      ->check(one_of(names));
}

}  // namespace polytag::cli
