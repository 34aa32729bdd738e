#include <string>

#include "core/utf8.hpp"
#include "text/json_steps.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

DelimiterBehavior read_behavior(const ConfigReader& part) {
  const std::string name = part.string("behavior").value_or("Isolated");
  if (name == "Removed") return DelimiterBehavior::kRemoved;
  if (name == "Isolated") return DelimiterBehavior::kIsolated;
  if (name == "MergedWithPrevious") return DelimiterBehavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return DelimiterBehavior::kMergedWithNext;
  if (name == "Contiguous") return DelimiterBehavior::kContiguous;
  throw part.mismatch("behavior",
                      "\"Removed\", \"Isolated\", \"MergedWithPrevious\", \"MergedWithNext\" or "
                      "\"Contiguous\"",
                      name);
}

PrependScheme read_prepend_scheme(const ConfigReader& part) {
  const auto scheme = part.string("prepend_scheme");
  if (!scheme) {  // older files
    return part.boolean("add_prefix_space").value_or(true) ? PrependScheme::kAlways
                                                           : PrependScheme::kNever;
  }
  if (*scheme == "always") return PrependScheme::kAlways;
  if (*scheme == "first") return PrependScheme::kFirst;
  if (*scheme == "never") return PrependScheme::kNever;
  throw part.mismatch("prepend_scheme", "\"always\", \"first\" or \"never\"", *scheme);
}

PreTokenizerStep read_metaspace(const ConfigReader& part) {
  MetaspaceWords metaspace{.prepend_scheme = read_prepend_scheme(part),
                           .split = part.boolean("split").value_or(true)};
  if (const auto text = part.string("replacement")) {
    const DecodedCharacter character =
        text->empty() ? DecodedCharacter{} : decode_utf8(text->data(), text->data() + text->size());
    if (text->empty() || character.length != text->size()) {
      throw part.mismatch("replacement", "one character", *text);
    }
    metaspace.replacement = character.code_point;
  }
  return metaspace;
}

PreTokenizerStep read_pre_tokenizer_step(const ConfigReader& part) {
  const std::string type = type_of(part);
  if (type == "BertPreTokenizer") return BertPreTokenizer();
  if (type == "Whitespace") return WhitespacePreTokenizer();
  if (type == "WhitespaceSplit") return WhitespaceSplit();
  if (type == "Punctuation") return PunctuationSplit{read_behavior(part)};
  if (type == "Digits") return DigitsSplit{part.boolean("individual_digits").value_or(false)};
  if (type == "Metaspace") return read_metaspace(part);
  if (type == "ByteLevel") {
    return ByteLevelWords{part.boolean("add_prefix_space").value_or(true),
                          part.boolean("use_regex").value_or(true)};
  }
  if (type == "Split") {
    return PatternSplit{read_pattern(part), read_behavior(part),
                        part.boolean("invert").value_or(false)};
  }
  throw part.mismatch("type",
                      "\"BertPreTokenizer\", \"Whitespace\", \"WhitespaceSplit\", "
                      "\"Punctuation\", \"Digits\", \"ByteLevel\", \"Metaspace\", \"Split\" or "
                      "\"Sequence\"",
                      type);
}

}  // namespace

std::vector<PreTokenizerStep> read_pre_tokenizer(const ConfigReader& root) {
  std::vector<PreTokenizerStep> steps;
  if (root.find("pre_tokenizer") == nullptr) return steps;
  std::size_t count = 0;
  read_steps(root.object("pre_tokenizer"), "pretokenizers", count,
             [&](const ConfigReader& part) { steps.push_back(read_pre_tokenizer_step(part)); });
  return steps;
}

}  // namespace polytag::text
