#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// The format of a file of rows.
enum class InputFormat {
  kLines,  ///< every line is a text, an empty line an empty text
  kJsonl,  ///< a JSON object on each line
  kJson,   ///< an array of JSON objects, or as kJsonl: the first character decides
  kCsv,    ///< comma-separated values, or those of another delimiter
};

/// How the characters of a file are stored. A byte order mark is recognised without being asked
/// for.
enum class TextEncoding { kUtf8, kUtf16, kUtf16Le, kUtf16Be, kLatin1, kWindows1252 };

/// The name of an encoding as users see it: "utf-8", "windows-1252", …
POLYTAG_EXPORT std::string_view to_string(TextEncoding encoding) noexcept;

/// How the rows of an input are read. Messages name these fields.
struct RowOptions {
  InputFormat format = InputFormat::kLines;
  TextEncoding encoding = TextEncoding::kUtf8;  ///< where the file has no byte order mark
  char delimiter = ',';                         ///< CSV: between fields; an ASCII character
  bool quotes = true;                           ///< CSV: fields may be quoted
  bool header = true;                           ///< CSV: the first record names the columns
  /// Field or column with the text. A CSV column may be given by its number from 1 where none has
  /// that name. None: "text", or a CSV's only column.
  std::optional<std::string> text_field{};
  std::optional<std::string> pair_field{};  ///< the same of the second text of a pair
};

}  // namespace polytag
