#include "cli/input_arguments.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "cli/arguments.hpp"
#include "polytag/error.hpp"

namespace polytag::cli {

namespace {

const std::string kGroup = "Input";

using NamedFormat = RowArguments::NamedFormat;

std::optional<NamedFormat> format_by_name(const std::string& path) {
  static const std::vector<std::pair<std::string, NamedFormat>> kFormats{
      {".csv", {InputFormat::kCsv}},       {".tsv", {InputFormat::kCsv, '\t'}},
      {".tab", {InputFormat::kCsv, '\t'}}, {".jsonl", {InputFormat::kJsonl}},
      {".ndjson", {InputFormat::kJsonl}},  {".json", {InputFormat::kJson}},
      {".txt", {InputFormat::kLines}}};
  const std::string extension = lower_case_extension(path);
  for (const auto& [known, format] : kFormats) {
    if (known == extension) return format;
  }
  return std::nullopt;
}

std::string_view name_of(InputFormat format) {
  constexpr std::array<std::string_view, 4> kNames{"lines", "jsonl", "json", "csv"};
  return kNames[static_cast<std::size_t>(format)];
}

char parse_delimiter(std::string_view option, const std::string& text) {
  static const std::vector<std::pair<std::string, char>> kNames{
      {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'},
      {"pipe", '|'},  {"space", ' '},     {"slash", '/'}};
  for (const auto& [name, character] : kNames) {
    if (text == name) return character;
  }
  if (text.size() == 1) return text[0];
  throw ArgumentError::mismatch(
      option, "one character, or comma, semicolon, tab, pipe, space, slash", '"' + text + '"');
}

void add_text(CLI::App& command, const std::string& name, std::optional<std::string>& value,
              const std::string& type, const std::string& description) {
  command.add_option(name, value, description)->type_name(type)->group(kGroup);
}

}  // namespace

void RowArguments::add_to(CLI::App& command) {
  add_choice<NamedFormat>(command, "--input-format", format,
                          {{"lines", {InputFormat::kLines}},
                           {"jsonl", {InputFormat::kJsonl}},
                           {"json", {InputFormat::kJson}},
                           {"csv", {InputFormat::kCsv}},
                           {"tsv", {InputFormat::kCsv, '\t'}}},
                          "What the input is made of (default: by the file's name)")
      ->group(kGroup);
  add_choice<TextEncoding>(
      command, "--encoding", encoding,
      {{"utf-8", TextEncoding::kUtf8},
       {"utf-16", TextEncoding::kUtf16},
       {"utf-16-le", TextEncoding::kUtf16Le},
       {"utf-16-be", TextEncoding::kUtf16Be},
       {"latin-1", TextEncoding::kLatin1},
       {"windows-1252", TextEncoding::kWindows1252}},
      "How its characters are stored (default: by a byte order mark, else utf-8)")
      ->group(kGroup);
  add_text(command, "--text-field", text_field, "NAME",
           "The field or column with the text (default: text, or a CSV's only column)");
  add_text(command, "--pair-field", pair_field, "NAME",
           "The field or column with the second text of a pair; empty or null for none");
  add_text(command, "--text-column", text_column, "COLUMN",
           "CSV: the same as --text-field, by name or number from 1");
  add_text(command, "--pair-column", pair_column, "COLUMN", "CSV: the same as --pair-field");
  command.get_option("--text-column")->excludes(command.get_option("--text-field"));
  command.get_option("--pair-column")->excludes(command.get_option("--pair-field"));
  add_text(command, "--delimiter", delimiter, "CHARACTER",
           "CSV: what stands between fields (default: a comma; in .tsv files a tab)");
  command.add_flag("--no-header", no_header, "CSV: the first record is a row, too")->group(kGroup);
  command.add_flag("--no-quotes", no_quotes, "CSV: quotes are characters like any other")
      ->group(kGroup);
}

bool RowArguments::given() const {
  return format || encoding || delimiter || text_field || pair_field || text_column ||
         pair_column || no_header || no_quotes;
}

RowOptions RowArguments::options_for(const std::string& path, InputFormat otherwise) const {
  const bool csv_alone = text_column || pair_column || delimiter || no_header || no_quotes;
  NamedFormat used{otherwise};
  if (text_field || pair_field) used.format = InputFormat::kJson;
  if (csv_alone) used.format = InputFormat::kCsv;
  const std::optional<NamedFormat> by_name = format_by_name(path);
  if (by_name) used = *by_name;
  if (format) {
    used.format = format->format;
    if (format->delimiter) used.delimiter = format->delimiter;
  }
  const auto refuse = [&](std::string_view expected) {
    throw ArgumentError::mismatch(path == "-" ? "standard input" : path, expected,
                                  "options for another format; it is read as " +
                                      std::string(name_of(used.format)) +
                                      " (--input-format changes that)");
  };
  if (csv_alone && used.format != InputFormat::kCsv) {
    refuse("columns, delimiters, headers and quotes for CSV alone");
  }
  if ((text_field || pair_field) && used.format == InputFormat::kLines) {
    refuse("no fields or columns for lines");
  }
  RowOptions options{.format = used.format,
                     .encoding = encoding.value_or(TextEncoding::kUtf8),
                     .delimiter = used.delimiter.value_or(','),
                     .quotes = !no_quotes,
                     .header = !no_header,
                     .text_field = text_column ? text_column : text_field,
                     .pair_field = pair_column ? pair_column : pair_field};
  if (delimiter) options.delimiter = parse_delimiter("--delimiter", *delimiter);
  return options;
}

void InputArguments::add_to(CLI::App& command) {
  CLI::Option* given = command.add_option("TEXT", texts, "Texts; without any, --input is read");
  command
      .add_option("-i,--input", paths,
                  "File to read, \"-\" for standard input (the default); may be repeated")
      ->type_name("FILE")
      ->excludes(given)
      ->allow_extra_args(false)
      ->group(kGroup);
  rows.add_to(command);
}

RowSource InputArguments::open(std::stop_token stop) const {
  if (!texts.empty()) return RowSource(texts);
  std::vector<InputFile> files;
  for (const std::string& path : paths.empty() ? std::vector<std::string>{"-"} : paths) {
    files.push_back({path, rows.options_for(path, InputFormat::kLines)});
  }
  return RowSource(files, std::move(stop));
}

void LabelledInputArguments::add_to(CLI::App& command) {
  command
      .add_option("-i,--input", path,
                  "File with texts and their true labels, \"-\" for standard input")
      ->required()
      ->type_name("FILE")
      ->group(kGroup);
  add_fields_to(command);
}

void LabelledInputArguments::add_fields_to(CLI::App& command) {
  rows.add_to(command);
  add_text(command, "--labels-field,--labels-column", labels.labels_field, "NAME",
           "The field or column with all labels of a text (default: labels, or label)");
  command
      .add_option("--labels-columns", labels.labels_columns,
                  "0/1 fields or columns, each called as its label (default: those that are)")
      ->type_name("NAME,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(kGroup);
  add_choice<LabelFormat>(command, "--labels-format", labels.labels_format,
                          {{"names", LabelFormat::kNames},
                           {"indices", LabelFormat::kIndices},
                           {"vector", LabelFormat::kVector}},
                          "How they are written: names, indices from 0, or a 0 or 1 for each label "
                          "(default: as it looks)")
      ->group(kGroup);
  command
      .add_option_function<std::string>(
          "--labels-delimiter",
          [this](const std::string& text) {
            labels.labels_delimiter = parse_delimiter("--labels-delimiter", text);
          },
          "What stands between the labels of one string (default: as it looks)")
      ->type_name("CHARACTER")
      ->group(kGroup);
  add_choice<UnknownLabels>(command, "--unknown-labels", unknown,
                            {{"ignore", UnknownLabels::kIgnore}, {"error", UnknownLabels::kError}},
                            "What becomes of labels that the model does not have (default: ignore)")
      ->group(kGroup);
  add_quiet(command, quiet, "No progress line, no notes");
}

LabelledRows LabelledInputArguments::open(const LabelVocabulary& vocabulary,
                                          std::stop_token stop) const {
  LabelOptions options = labels;
  options.unknown_labels = unknown.value_or(UnknownLabels::kIgnore);
  return LabelledRows({path, rows.options_for(path, InputFormat::kJson)}, options, vocabulary,
                      std::move(stop));
}

}  // namespace polytag::cli
