#pragma once

#include <iostream>
#include <set>
#include <string>

namespace polytag::test {

/// Why cases of this program had nothing to check.
inline std::set<std::string> reasons_to_skip;

/// Says once why the case that calls it, and then returns, cannot run on this machine. The program
/// ends with kSkipped, which CTest counts as skipped, unless a check fails.
inline void skip(const std::string& reason) {
  if (reasons_to_skip.insert(reason).second) std::cout << "SKIPPED: " << reason << std::endl;
}

inline constexpr int kSkipped = 4;

}  // namespace polytag::test
