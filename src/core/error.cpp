#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Names come from hostile files: they must not fill a log nor command a terminal.
std::string readable(std::string_view part) {
  constexpr std::size_t kMost = 400;
  std::string text(part.substr(0, kMost));
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
  }
  if (part.size() <= kMost) return text;
  const auto continues = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
  };
  while (!text.empty() && continues(part[text.size()]))
    text.pop_back();  // back to a whole character
  return text + "… (" + std::to_string(part.size()) + " bytes)";
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kFormat:
      return "format";
    case ErrorCode::kConfig:
      return "config";
    case ErrorCode::kShape:
      return "shape";
    case ErrorCode::kEncoding:
      return "encoding";
    case ErrorCode::kArgument:
      return "argument";
    case ErrorCode::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

std::string Error::describe(std::string_view file, std::string_view object,
                            std::string_view expected, std::string_view found) {
  std::string message;
  if (!file.empty()) message.append(file).append(": ");
  if (!object.empty()) message.append(readable(object)).append(": ");
  if (!expected.empty()) message.append("expected ").append(readable(expected));
  if (!found.empty()) {
    message.append(expected.empty() ? "" : ", ").append("found ").append(readable(found));
  }
  return message;
}

IoError IoError::cannot(std::string_view action, std::string_view file, std::string_view reason) {
  std::string message(file);
  message.append(": cannot ").append(action).append(": ").append(reason);
  return {ErrorCode::kIo, message};
}

IoError IoError::missing(std::string_view file, std::string_view needed_for) {
  std::string message(file);
  message.append(": no such file; needed for ").append(needed_for);
  return {ErrorCode::kIo, message};
}

FormatError FormatError::mismatch(std::string_view file, std::string_view object,
                                  std::string_view expected, std::string_view found) {
  return {ErrorCode::kFormat, describe(file, object, expected, found)};
}

ConfigError ConfigError::mismatch(std::string_view file, std::string_view field,
                                  std::string_view expected, std::string_view found) {
  return {ErrorCode::kConfig, describe(file, field, expected, found)};
}

ConfigError ConfigError::missing(std::string_view file, std::string_view field,
                                 std::string_view expected) {
  return {ErrorCode::kConfig, describe(file, field, expected, "nothing")};
}

ShapeError ShapeError::mismatch(std::string_view file, std::string_view tensor,
                                std::string_view expected, std::string_view found) {
  return {ErrorCode::kShape, describe(file, tensor, expected, found)};
}

EncodingError EncodingError::mismatch(std::string_view source, std::string_view object,
                                      std::string_view expected, std::string_view found) {
  return {ErrorCode::kEncoding, describe(source, object, expected, found)};
}

ArgumentError ArgumentError::mismatch(std::string_view argument, std::string_view expected,
                                      std::string_view found) {
  return {ErrorCode::kArgument, describe("", argument, expected, found)};
}

CancelledError CancelledError::requested() {
  return {ErrorCode::kCancelled, "cancelled by the caller"};
}

}  // namespace polytag
