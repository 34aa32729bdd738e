#include "core/json.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>
#include <vector>

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
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw IoError::cannot("open", path, std::generic_category().message(errno));
  std::string bytes;
  std::vector<char> piece(std::size_t{1} << 16);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())),
         stream.gcount() > 0) {
    if (bytes.size() + static_cast<std::size_t>(stream.gcount()) > most) {
      throw FormatError::mismatch(path, "file size", "at most " + std::to_string(most) + " bytes",
                                  "more");
    }
    bytes.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) throw IoError::cannot("read", path, "input error");
  return bytes;
}

}  // namespace polytag
