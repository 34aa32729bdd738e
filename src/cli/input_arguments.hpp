#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polytag/data/labelled_rows.hpp"
#include "polytag/data/row_source.hpp"

namespace polytag::cli {

/// How input files are read.
struct RowArguments {
  /// A format by its name on the command line: "tsv" is CSV with tabs.
  struct NamedFormat {
    InputFormat format = InputFormat::kLines;
    std::optional<char> delimiter{};
  };

  std::optional<NamedFormat> format;
  std::optional<TextEncoding> encoding;
  std::optional<std::string> delimiter;
  std::optional<std::string> text_field;
  std::optional<std::string> pair_field;
  std::optional<std::string> text_column;
  std::optional<std::string> pair_column;
  bool no_header = false;
  bool no_quotes = false;

  void add_to(CLI::App& command);
  /// Whether any of the options was used.
  bool given() const;
  /// How a file is read: what its name says, changed by the options.
  /// @param otherwise  the format of a file of which neither says anything
  /// @throws ArgumentError for options that contradict each other or the format
  RowOptions options_for(const std::string& path, InputFormat otherwise) const;
};

/// The texts of commands that work row by row.
struct InputArguments {
  std::vector<std::string> texts;  ///< given on the command line
  std::vector<std::string> paths;
  RowArguments rows;

  void add_to(CLI::App& command);
  /// @throws ArgumentError for options that contradict each other; IoError
  RowSource open(std::stop_token stop) const;
};

/// Texts with their labels.
struct LabelledInputArguments {
  std::string path;
  RowArguments rows;
  LabelOptions labels;  ///< but for unknown_labels
  std::optional<UnknownLabels> unknown;
  bool quiet = false;

  void add_to(CLI::App& command);
  /// All but --input, for a command that calls it otherwise.
  void add_fields_to(CLI::App& command);
  /// @throws as LabelledRows; ArgumentError for options that contradict each other
  LabelledRows open(const LabelVocabulary& vocabulary, std::stop_token stop) const;
};

}  // namespace polytag::cli
