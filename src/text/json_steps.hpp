#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "files/json_fields.hpp"
#include "polytag/text/tokenizer_steps.hpp"

namespace polytag::text {

/// How a part of a tokenizer.json may nest: at most so many steps, each of which is a pass over
/// every text.
inline constexpr std::size_t kMostSteps = 64;

inline std::string type_of(const ConfigReader& part) {
  return part.require(part.string("type"), "type", "a string");
}

/// Calls `read` for the part at `key`, or for each part of a Sequence of them, in order.
template <class Read>
void read_steps(const ConfigReader& part, std::string_view list, std::size_t& steps,
                const Read& read) {
  if (type_of(part) != "Sequence") {
    if (++steps > kMostSteps) {
      throw part.refusal("", "at most " + std::to_string(kMostSteps) + " steps", "more");
    }
    return read(part);
  }
  const Json& all = part.array(list);
  for (std::size_t index = 0; index < all.size(); ++index) {
    const std::string name = part.name(list) + "[" + std::to_string(index) + "]";
    read_steps(ConfigReader(all[index], part.file(), name), list, steps, read);
  }
}

/// A pattern of Replace or Split: {"String": …} or {"Regex": …}.
/// @throws ConfigError for a regular expression that is none of the known ones, quoting it
TextPattern read_pattern(const ConfigReader& part);

}  // namespace polytag::text
