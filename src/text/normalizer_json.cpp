#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "text/base64.hpp"
#include "text/json_steps.hpp"
#include "text/pattern_matcher.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

// A search takes time for each of a text's characters and each of the pattern's.
constexpr std::size_t kLongestPattern = 64;
// Each replacement puts the whole content into the text.
constexpr std::size_t kLongestContent = 64;

NormalizerStep read_bert_normalizer(const ConfigReader& part) {
  const bool lower_case = part.boolean("lowercase").value_or(true);
  return BertNormalizerOptions{
      .clean_text = part.boolean("clean_text").value_or(true),
      .tokenize_chinese_chars = part.boolean("handle_chinese_chars").value_or(true),
      .lower_case = lower_case,
      .strip_accents = part.boolean("strip_accents").value_or(lower_case)};
}

std::string read_content(const ConfigReader& part, std::string_view key) {
  std::string content = part.require(part.string(key), key, "a string");
  if (content.size() > kLongestContent) {
    throw part.refusal(key, "at most " + std::to_string(kLongestContent) + " bytes",
                       std::to_string(content.size()));
  }
  return content;
}

/// None for a charsmap that is null or empty, as converted files have it.
std::optional<NormalizerStep> read_charsmap(const ConfigReader& part) {
  const auto text = part.string("precompiled_charsmap");
  if (!text || text->empty()) return std::nullopt;
  const auto bytes = decode_base64(*text);
  if (!bytes) throw part.mismatch("precompiled_charsmap", "base64", *text);
  return PrecompiledCharsmap{*bytes};
}

std::optional<NormalizerStep> read_normalizer_step(const ConfigReader& part) {
  const std::string type = type_of(part);
  if (type == "BertNormalizer") return read_bert_normalizer(part);
  if (type == "NFC") return UnicodeForm::kNfc;
  if (type == "NFD") return UnicodeForm::kNfd;
  if (type == "NFKC") return UnicodeForm::kNfkc;
  if (type == "NFKD") return UnicodeForm::kNfkd;
  if (type == "Lowercase") return Lowercase();
  if (type == "StripAccents") return StripAccents();
  if (type == "Nmt") return NmtCleaning();
  if (type == "ByteLevel") return ByteLevelAlphabet();
  if (type == "Precompiled") return read_charsmap(part);
  if (type == "Prepend") return PrependText{read_content(part, "prepend")};
  if (type == "Replace") return ReplaceText{read_pattern(part), read_content(part, "content")};
  if (type == "Strip") {
    return StripWhiteSpace{part.boolean("strip_left").value_or(true),
                           part.boolean("strip_right").value_or(true)};
  }
  throw part.mismatch("type",
                      "\"BertNormalizer\", \"NFC\", \"NFD\", \"NFKC\", \"NFKD\", \"Lowercase\", "
                      "\"StripAccents\", \"Strip\", \"Replace\", \"Prepend\", \"Precompiled\", "
                      "\"Nmt\", \"ByteLevel\" or \"Sequence\"",
                      type);
}

}  // namespace

TextPattern read_pattern(const ConfigReader& part) {
  const ConfigReader pattern = part.object("pattern");
  const auto text = pattern.string("String");
  const auto expression = pattern.string("Regex");
  if (text ? expression || text->empty() || text->size() > kLongestPattern : !expression) {
    throw part.mismatch(
        "pattern",
        "{\"String\": …} of 1 to " + std::to_string(kLongestPattern) + " bytes, or {\"Regex\": …}",
        pattern.json());
  }
  if (text) return *text;
  const auto known = find_pattern(*expression);
  if (!known) throw part.refusal("pattern", "a regular expression of a known model", *expression);
  return *known;
}

std::vector<NormalizerStep> read_normalizer(const ConfigReader& root) {
  std::vector<NormalizerStep> steps;
  if (root.find("normalizer") == nullptr) return steps;
  std::size_t count = 0;
  read_steps(root.object("normalizer"), "normalizers", count, [&](const ConfigReader& part) {
    if (auto step = read_normalizer_step(part)) steps.push_back(*std::move(step));
  });
  return steps;
}

}  // namespace polytag::text
