#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "polytag/error.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// One text of the input, or what is wrong with the row that should have held it.
struct InputRow {
  std::string text;                      ///< UTF-8
  std::optional<std::string> text_pair;  ///< none where the input has an empty one, or null
  std::optional<FormatError> error;      ///< names file and line; none for a good row
  std::size_t line = 0;                  ///< where the row begins in its file, from 1
  std::size_t number = 0;                ///< of the row in the whole input, from 1
  std::size_t end = 0;                   ///< how many bytes of the whole input end with it
};

/// The fault of a row: "file: line 7: expected …, found …".
POLYTAG_EXPORT FormatError row_error(std::string_view file, std::size_t line,
                                     std::string_view expected, std::string_view found);

}  // namespace polytag
