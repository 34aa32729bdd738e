#include "cli/command_line_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace polytag::cli {

namespace {

struct OptionName {
  std::string_view field;
  std::string_view option;
};

/// Fields of the library's options that are called otherwise on the command line.
constexpr std::array kOptionNames{
    OptionName{"delimiter", "--delimiter"},
    OptionName{"encoding", "--encoding"},
    OptionName{"format", "--input-format"},
    OptionName{"header", "--no-header"},
    OptionName{"labels_columns", "--labels-columns"},
    OptionName{"labels_delimiter", "--labels-delimiter"},
    OptionName{"labels_field", "--labels-field"},
    OptionName{"labels_format", "--labels-format"},
    OptionName{"output", "--output"},
    OptionName{"pair_field", "--pair-field"},
    OptionName{"problem_type", "--problem-type"},
    OptionName{"quotes", "--no-quotes"},
    OptionName{"resume", "--resume"},
    OptionName{"text_field", "--text-field"},
    OptionName{"unknown_labels", "--unknown-labels"},
};

/// Fields that are named with their struct, wherever they stand in a message.
constexpr std::array kQualifiedNames{
    OptionName{"ConvertOptions::config", "--config"},
    OptionName{"ConvertOptions::encoder_prefix", "--encoder-prefix"},
    OptionName{"ConvertOptions::labels", "--labels"},
    OptionName{"ConvertOptions::renames", "--rename"},
    OptionName{"ConvertOptions::vocabulary", "--vocab"},
};

std::string with_qualified_names(std::string message) {
  for (const auto& [field, option] : kQualifiedNames) {
    for (std::size_t at = message.find(field); at != std::string::npos;
         at = message.find(field, at + option.size())) {
      message.replace(at, field.size(), option);
    }
  }
  return message;
}

std::string_view option_of(std::string_view field) {
  const auto place = std::ranges::find(kOptionNames, field, &OptionName::field);
  return place == kOptionNames.end() ? std::string_view() : place->option;
}

/// A list "a, b" of fields as one of options; empty if it is anything else.
std::string option_list(std::string_view fields) {
  std::string options;
  while (true) {
    const std::size_t comma = std::min(fields.find(", "), fields.size());
    const std::string_view option = option_of(fields.substr(0, comma));
    if (option.empty()) return {};
    options.append(options.empty() ? "" : ", ").append(option);
    if (comma == fields.size()) return options;
    fields.remove_prefix(comma + 2);
  }
}

/// "A excludes B" and the like, cut at its verb.
std::pair<std::string, std::string> around(const std::string& message, const std::string& verb) {
  const std::size_t place = message.find(verb);
  if (place == std::string::npos) return {message, ""};
  return {message.substr(0, place), message.substr(place + verb.size())};
}

}  // namespace

std::string with_option_names(const std::string& library_message) {
  const std::string message = with_qualified_names(library_message);
  std::string words;
  const std::size_t colon = message.find(": ");
  const std::string_view argument =
      colon == std::string::npos ? "" : option_of(std::string_view(message).substr(0, colon));
  std::size_t at = argument.empty() ? 0 : colon;
  words += argument;
  while (at < message.size()) {
    const std::size_t open = std::min(message.find('(', at), message.size());
    const std::size_t close = message.find(')', open);
    words.append(message, at, open - at);
    at = open;
    if (close == std::string::npos) break;
    const std::string options =
        option_list(std::string_view(message).substr(open + 1, close - open - 1));
    if (options.empty()) {
      words += message[at++];
    } else {
      words.append("(").append(options).append(")");
      at = close + 1;
    }
  }
  return words.append(message, at);
}

std::string words_of(const CLI::ParseError& error) {
  const std::string message = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return around(message, " is required").first + ": expected a value, found none";
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    const auto [option, other] = around(message, " excludes ");
    return option + ": expected no " + other + " beside it, found both";
  }
  if (dynamic_cast<const CLI::RequiresError*>(&error) != nullptr) {
    const auto [option, other] = around(message, " requires ");
    return option + ": expected " + other + " beside it, found none";
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return "expected options and arguments of this command, found " + around(message, ": ").second;
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return around(message, ":").first + ": expected one value, found" +
           (message.find("missing") != std::string::npos ? " none" : " another number of them");
  }
  return message;
}

}  // namespace polytag::cli
