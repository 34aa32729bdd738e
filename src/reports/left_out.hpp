#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace polytag {

/// The part of labelled texts that was not measured.
struct LeftOut {
  std::size_t texts = 0;                        ///< of which not every label is known
  std::map<std::string, std::size_t> labels{};  ///< that the model does not have, by texts
};

/// The same for people: "left out: labels that the model does not have: "spam" (2 texts)"; empty
/// if nothing was left out.
std::string describe(const LeftOut& left_out);

}  // namespace polytag
