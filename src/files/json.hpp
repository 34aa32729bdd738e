#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace polytag {

/// Look-ups of a key take logarithmic time, which a vocabulary of a hostile size needs.
using Json = nlohmann::json;

/// The deepest nesting that is read. Honest files stay far below it.
inline constexpr std::size_t kJsonDepth = 64;

/// A JSON value whose destructor allocates nothing. Json's own does, and ends the program where
/// memory is exhausted. Moves only.
class JsonDocument {
 public:
  JsonDocument() = default;
  JsonDocument(JsonDocument&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  JsonDocument& operator=(JsonDocument&& other) noexcept {
    root_.swap(other.root_);
    return *this;
  }
  ~JsonDocument();

  Json& operator*() noexcept { return root_; }
  const Json& operator*() const noexcept { return root_; }
  const Json* operator->() const noexcept { return &root_; }
  operator const Json&() const noexcept { return root_; }

 private:
  Json root_;
};

/// Parses one JSON document from an untrusted file.
/// @param file  its name, for messages
/// @throws FormatError for invalid JSON, a duplicate key, nesting beyond kJsonDepth or bytes behind
///         the document
JsonDocument parse_json(std::string_view bytes, std::string_view file);

/// The double with the float's shortest digits: 0.3, not 0.30000001192092896.
double with_shortest_digits(float number);

/// Reads a whole regular file.
/// @throws IoError if it cannot be read; FormatError beyond `most` bytes
std::string read_text_file(const std::string& path, std::size_t most);

}  // namespace polytag
