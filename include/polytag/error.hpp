#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "polytag/export.hpp"

namespace polytag {

/// The kind of an error, for programs that act on it. The numbers are part of the ABI: they never
/// change, a new code takes the next one, and 0 stays free for "no error".
enum class ErrorCode {
  kIo = 1,         ///< a file cannot be opened, read or written
  kFormat = 2,     ///< the bytes of a file are not what its format demands
  kConfig = 3,     ///< a configuration is missing a field, contradicts itself or is unsupported
  kShape = 4,      ///< a tensor has other dimensions than the model needs
  kEncoding = 5,   ///< a text or a token id cannot be processed
  kArgument = 6,   ///< a caller's argument is out of its range
  kCancelled = 7,  ///< a caller asked to stop
};

/// The name of a code as users see it: "io", "format", "config", …
POLYTAG_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// The root of everything that polytag throws, apart from std::bad_alloc.
///
/// Messages about data name four things where they apply: the file, the object in it, what was
/// expected and what was found.
class POLYTAG_EXPORT Error : public std::runtime_error {
 public:
  ErrorCode code() const noexcept { return code_; }

 protected:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  /// "file: object: expected A, found B", leaving out what is empty.
  static std::string describe(std::string_view file, std::string_view object,
                              std::string_view expected, std::string_view found);

 private:
  ErrorCode code_;
};

/// A file cannot be opened, read or written.
class POLYTAG_EXPORT IoError final : public Error {
 public:
  /// @param action  what was tried, as in "open" or "write"
  /// @param reason  the system's words
  static IoError cannot(std::string_view action, std::string_view file, std::string_view reason);
  static IoError missing(std::string_view file, std::string_view needed_for);

 private:
  using Error::Error;
};

/// The bytes of a file are not what its format demands.
class POLYTAG_EXPORT FormatError final : public Error {
 public:
  static FormatError mismatch(std::string_view file, std::string_view object,
                              std::string_view expected, std::string_view found);

 private:
  using Error::Error;
};

/// A configuration is missing a field, contradicts itself or asks for what is not supported.
class POLYTAG_EXPORT ConfigError final : public Error {
 public:
  static ConfigError mismatch(std::string_view file, std::string_view field,
                              std::string_view expected, std::string_view found);
  static ConfigError missing(std::string_view file, std::string_view field,
                             std::string_view expected);

 private:
  using Error::Error;
};

/// A tensor has other dimensions than the model needs, or is not there.
class POLYTAG_EXPORT ShapeError final : public Error {
 public:
  static ShapeError mismatch(std::string_view file, std::string_view tensor,
                             std::string_view expected, std::string_view found);

 private:
  using Error::Error;
};

/// A text, a token or a label cannot be processed.
class POLYTAG_EXPORT EncodingError final : public Error {
 public:
  static EncodingError mismatch(std::string_view source, std::string_view object,
                                std::string_view expected, std::string_view found);

 private:
  using Error::Error;
};

/// A caller's argument is out of its range.
class POLYTAG_EXPORT ArgumentError final : public Error {
 public:
  static ArgumentError mismatch(std::string_view argument, std::string_view expected,
                                std::string_view found);

 private:
  using Error::Error;
};

/// A caller asked to stop, and the work stopped.
class POLYTAG_EXPORT CancelledError final : public Error {
 public:
  static CancelledError requested();

 private:
  using Error::Error;
};

}  // namespace polytag
