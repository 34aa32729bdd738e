#include "cli/option_words.hpp"

#include <array>

namespace polytag::cli {

namespace {

struct OptionWord {
  std::string_view field;
  std::string_view option;
};

constexpr std::array kWords{
    OptionWord{"ConvertOptions::config", "--config"},
    OptionWord{"ConvertOptions::encoder_prefix", "--encoder-prefix"},
    OptionWord{"ConvertOptions::labels", "--labels"},
    OptionWord{"ConvertOptions::renames", "--rename"},
    OptionWord{"ConvertOptions::vocabulary", "--vocab"},
};

}  // namespace

std::string with_option_words(std::string_view message) {
  std::string text(message);
  for (const auto& [field, option] : kWords) {
    for (std::size_t at = text.find(field); at != std::string::npos;
         at = text.find(field, at + option.size())) {
      text.replace(at, field.size(), option);
    }
  }
  return text;
}

}  // namespace polytag::cli
