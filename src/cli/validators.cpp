#include "cli/validators.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace polytag::cli {

namespace {

template <class Number>
bool is_within(const std::string& text, Number least, Number most) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() && number >= least &&
         number <= most;
}

/// @param shown  what help says of the values
CLI::Validator validator(std::string expected, std::string shown, auto accepts) {
  return {[expected = std::move(expected), accepts](std::string& text) {
            return accepts(text) ? std::string()
                                 : fmt::format("expected {}, found \"{}\"", expected, text);
          },
          std::move(shown)};
}

}  // namespace

CLI::Validator whole_number(std::size_t least, std::size_t most) {
  const bool bounded = most != static_cast<std::size_t>(-1);
  return validator(bounded ? fmt::format("a whole number from {} to {}", least, most)
                           : fmt::format("a whole number of at least {}", least),
                   bounded ? fmt::format("in [{} - {}]", least, most) : "",
                   [=](const std::string& text) { return is_within(text, least, most); });
}

CLI::Validator number_within(double least, double most) {
  return validator(fmt::format("a number from {:g} to {:g}", least, most),
                   fmt::format("in [{:g} - {:g}]", least, most),
                   [=](const std::string& text) { return is_within(text, least, most); });
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  std::string expected;
  std::string shown;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    expected.append(i == 0 ? "" : last ? " or " : ", ").append(names[i]);
    shown.append(i == 0 ? "{" : ",").append(names[i]);
  }
  return validator(expected, shown + "}", [names](const std::string& text) {
    return std::ranges::count(names, text) > 0;
  });
}

}  // namespace polytag::cli
