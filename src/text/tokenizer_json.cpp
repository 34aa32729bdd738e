#include "text/tokenizer_json.hpp"

#include <limits>
#include <string>

namespace polytag::text {

std::int32_t read_id(const ConfigReader& object, std::string_view key) {
  const std::size_t id = object.require(object.size(key), key, "an id");
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (id > kMost) {
    throw object.refusal(key, "an id from 0 to " + std::to_string(kMost), std::to_string(id));
  }
  return static_cast<std::int32_t>(id);
}

AddedToken read_added_token(const ConfigReader& object) {
  AddedToken token{.content = object.require(object.string("content"), "content", "a string")};
  const bool special = object.boolean("special").value_or(false);
  token.single_word = object.boolean("single_word").value_or(false);
  token.lstrip = object.boolean("lstrip").value_or(false);
  token.rstrip = object.boolean("rstrip").value_or(false);
  token.normalized = object.boolean("normalized").value_or(!special);
  return token;
}

std::vector<AddedToken> read_added_tokens(const ConfigReader& root) {
  std::vector<AddedToken> tokens;
  if (root.find("added_tokens") == nullptr) return tokens;
  const Json& all = root.array("added_tokens");
  for (std::size_t index = 0; index < all.size(); ++index) {
    const ConfigReader object(all[index], root.file(),
                              "added_tokens[" + std::to_string(index) + "]");
    tokens.push_back(read_added_token(object));
    tokens.back().id = read_id(object, "id");
  }
  return tokens;
}

std::optional<TruncationSide> read_truncation_direction(const ConfigReader& root) {
  if (root.find("truncation") == nullptr) return std::nullopt;
  const ConfigReader truncation = root.object("truncation");
  const std::string direction = truncation.string("direction").value_or("Right");
  if (direction == "Right") return TruncationSide::kRight;
  if (direction == "Left") return TruncationSide::kLeft;
  throw truncation.mismatch("direction", "\"Right\" or \"Left\"", direction);
}

}  // namespace polytag::text
