#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace polytag::text {

/// Knows texts that are well-formed and that canonical composition leaves as they are, wherever
/// they stand. Immutable and thread-safe.
class ComposedText {
 public:
  /// @param composes  whether composition is asked for at all
  explicit ComposedText(bool composes);

  /// False for some texts that composition leaves, too: those with marks or rare characters.
  bool is_stable(std::string_view text) const;

 private:
  static constexpr char32_t kListed = 0x20000;

  bool composes_;
  std::vector<bool> stable_;  // [kListed] if it composes
};

}  // namespace polytag::text
