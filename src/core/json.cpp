#include "core/json.hpp"

#include <set>
#include <span>
#include <vector>

#include "core/regular_file.hpp"
#include "polytag/error.hpp"

namespace polytag {

Json parse_json(std::string_view bytes, std::string_view file) {
  if (bytes.find('\0') != std::string_view::npos) {  // where the parser would silently stop
    throw FormatError::mismatch(file, "JSON", "a valid document", "a NUL byte");
  }
  std::vector<std::set<std::string>> keys;  // those seen so far of every open object
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kJsonDepth) {
      throw FormatError::mismatch(file, "JSON", "at most " + std::to_string(kJsonDepth) + " levels",
                                  "more");
    }
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      if (!keys.back().insert(value.get_ref<const std::string&>()).second) {
        throw FormatError::mismatch(file, "JSON key \"" + value.get<std::string>() + "\"",
                                    "one value", "a second one");
      }
    }
    return true;
  };
  try {
    return Json::parse(bytes.begin(), bytes.end(), watch);
  } catch (const Json::exception& error) {
    throw FormatError::mismatch(file, "JSON", "a valid document", error.what());
  }
}

std::string read_text_file(const std::string& path, std::size_t most) {
  const RegularFile file(path);
  if (file.size() > most) {
    throw FormatError::mismatch(path, "file size", "at most " + std::to_string(most) + " bytes",
                                std::to_string(file.size()));
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace polytag
