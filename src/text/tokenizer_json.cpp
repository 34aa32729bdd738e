#include "text/tokenizer_json.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace polytag::text {
namespace {

// Each step is a pass over every text.
constexpr std::size_t kMostSteps = 64;
// A search takes time for each of a text's characters and each of the pattern's.
constexpr std::size_t kLongestPattern = 64;

std::string type_of(const ConfigReader& part) {
  return part.require(part.string("type"), "type", "a string");
}

/// Calls `read` for the part at `key`, or for each part of a Sequence of them, in order.
template <class Read>
void read_steps(const ConfigReader& part, std::string_view list, std::size_t& steps,
                const Read& read) {
  if (type_of(part) != "Sequence") {
    if (++steps > kMostSteps) {
      throw part.refusal("", "at most " + std::to_string(kMostSteps) + " steps", "more");
    }
    return read(part);
  }
  const Json& all = part.array(list);
  for (std::size_t index = 0; index < all.size(); ++index) {
    const std::string name = part.name(list) + "[" + std::to_string(index) + "]";
    read_steps(ConfigReader(all[index], part.file(), name), list, steps, read);
  }
}

NormalizerStep read_bert_normalizer(const ConfigReader& part) {
  const bool lower_case = part.boolean("lowercase").value_or(true);
  return BertNormalizerOptions{
      .clean_text = part.boolean("clean_text").value_or(true),
      .tokenize_chinese_chars = part.boolean("handle_chinese_chars").value_or(true),
      .lower_case = lower_case,
      .strip_accents = part.boolean("strip_accents").value_or(lower_case)};
}

NormalizerStep read_replace(const ConfigReader& part) {
  const ConfigReader pattern = part.object("pattern");
  const auto text = pattern.string("String");
  if (!text || text->empty() || text->size() > kLongestPattern) {
    throw part.mismatch("pattern",
                        "{\"String\": …} of 1 to " + std::to_string(kLongestPattern) + " bytes",
                        pattern.json());
  }
  return ReplaceText{*text, part.require(part.string("content"), "content", "a string")};
}

NormalizerStep read_normalizer_step(const ConfigReader& part) {
  const std::string type = type_of(part);
  if (type == "BertNormalizer") return read_bert_normalizer(part);
  if (type == "NFC") return UnicodeForm::kNfc;
  if (type == "NFD") return UnicodeForm::kNfd;
  if (type == "NFKC") return UnicodeForm::kNfkc;
  if (type == "NFKD") return UnicodeForm::kNfkd;
  if (type == "Lowercase") return Lowercase();
  if (type == "StripAccents") return StripAccents();
  if (type == "Replace") return read_replace(part);
  if (type == "Strip") {
    return StripWhiteSpace{part.boolean("strip_left").value_or(true),
                           part.boolean("strip_right").value_or(true)};
  }
  throw part.mismatch("type",
                      "\"BertNormalizer\", \"NFC\", \"NFD\", \"NFKC\", \"NFKD\", \"Lowercase\", "
                      "\"StripAccents\", \"Strip\", \"Replace\" or \"Sequence\"",
                      type);
}

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

PreTokenizerStep read_pre_tokenizer_step(const ConfigReader& part) {
  const std::string type = type_of(part);
  if (type == "BertPreTokenizer") return BertPreTokenizer();
  if (type == "Whitespace") return WhitespacePreTokenizer();
  if (type == "WhitespaceSplit") return WhitespaceSplit();
  if (type == "Punctuation") return PunctuationSplit{read_behavior(part)};
  if (type == "Digits") return DigitsSplit{part.boolean("individual_digits").value_or(false)};
  throw part.mismatch("type",
                      "\"BertPreTokenizer\", \"Whitespace\", \"WhitespaceSplit\", "
                      "\"Punctuation\", \"Digits\" or \"Sequence\"",
                      type);
}

using Find = std::function<std::optional<std::int32_t>(std::string_view)>;

void check_same_id(const ConfigReader& place, std::string_view key, std::string_view token,
                   std::int32_t stated, const Find& find) {
  const auto known = find(token);
  if (known == stated) return;
  throw place.refusal(key,
                      known ? std::to_string(*known) + ", the id of \"" + std::string(token) + "\""
                            : "the id of a token",
                      std::to_string(stated) + " for \"" + std::string(token) + "\"");
}

/// BertProcessing: ["[SEP]", 3].
std::int32_t read_token_and_id(const ConfigReader& processor, std::string_view key,
                               const Find& find) {
  const Json& pair = processor.array(key);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
  if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned() ||
      pair[1].get<std::uint64_t>() > kMost) {
    throw processor.mismatch(key, "[token, id]", pair);
  }
  const auto id = pair[1].get<std::int32_t>();
  check_same_id(processor, key, pair[0].get<std::string>(), id, find);
  return id;
}

/// The ids of a special token of a template, as "special_tokens" states them, else by its name.
std::vector<std::int32_t> template_ids(const ConfigReader& processor, const std::string& name,
                                       const Find& find) {
  if (processor.find("special_tokens") == nullptr) {
    const auto id = find(name);
    if (!id) throw processor.refusal("special_tokens", "ids for \"" + name + "\"", "none");
    return {*id};
  }
  const ConfigReader token = processor.object("special_tokens").object(name);
  const auto tokens = token.require(token.strings("tokens"), "tokens", "an array of strings");
  const auto ids = token.require(token.sizes("ids"), "ids", "an array of whole numbers");
  if (tokens.size() != ids.size()) {
    throw token.refusal("ids", "an id for each of " + std::to_string(tokens.size()) + " tokens",
                        std::to_string(ids.size()));
  }
  std::vector<std::int32_t> checked;
  for (std::size_t index = 0; index < ids.size(); ++index) {
    if (ids[index] > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
      throw token.refusal("ids", "ids of the vocabulary", std::to_string(ids[index]));
    }
    checked.push_back(static_cast<std::int32_t>(ids[index]));
    check_same_id(token, "ids", tokens[index], checked.back(), find);
  }
  return checked;
}

std::int32_t read_type_id(const ConfigReader& piece) {
  const std::size_t type = piece.size("type_id").value_or(0);
  constexpr std::size_t kMost = 255;
  if (type > kMost) {
    throw piece.refusal("type_id", "0 to " + std::to_string(kMost), std::to_string(type));
  }
  return static_cast<std::int32_t>(type);
}

SequenceTemplate::Form read_template(const ConfigReader& processor, std::string_view key,
                                     std::size_t texts, const Find& find) {
  SequenceTemplate::Form form;
  std::size_t seen = 0;
  const Json& pieces = processor.array(key);
  for (const Json& element : pieces) {
    const ConfigReader piece(element, processor.file(), processor.name(key));
    if (piece.find("SpecialToken") == nullptr) {
      const ConfigReader sequence = piece.object("Sequence");
      const std::string id = sequence.require(sequence.string("id"), "id", "\"A\" or \"B\"");
      if (seen == texts || id != (seen == 0 ? "A" : "B")) {
        throw processor.mismatch(
            key, texts == 1 ? "the sequence A once" : "the sequences A and B once, in this order",
            pieces);
      }
      (seen == 0 ? form.text_type : form.pair_type) = read_type_id(sequence);
      ++seen;
      continue;
    }
    const ConfigReader special = piece.object("SpecialToken");
    auto& place = seen == 0 ? form.before : seen < texts ? form.between : form.after;
    const std::string name = special.require(special.string("id"), "id", "a string");
    for (const std::int32_t id : template_ids(processor, name, find)) {
      place.push_back({id, read_type_id(special)});
    }
  }
  if (seen < texts) {
    throw processor.mismatch(
        key, texts == 1 ? "the sequence A once" : "the sequences A and B once, in this order",
        pieces);
  }
  return form;
}

}  // namespace

std::vector<NormalizerStep> read_normalizer(const ConfigReader& root) {
  std::vector<NormalizerStep> steps;
  if (root.find("normalizer") == nullptr) return steps;
  std::size_t count = 0;
  read_steps(root.object("normalizer"), "normalizers", count,
             [&](const ConfigReader& part) { steps.push_back(read_normalizer_step(part)); });
  return steps;
}

std::vector<PreTokenizerStep> read_pre_tokenizer(const ConfigReader& root) {
  std::vector<PreTokenizerStep> steps;
  if (root.find("pre_tokenizer") == nullptr) return steps;
  std::size_t count = 0;
  read_steps(root.object("pre_tokenizer"), "pretokenizers", count,
             [&](const ConfigReader& part) { steps.push_back(read_pre_tokenizer_step(part)); });
  return steps;
}

WordPieceOptions read_wordpiece(const ConfigReader& root) {
  const ConfigReader model = root.object("model");
  const auto type = model.string("type");
  // Old files do not name the type; WordPiece alone has a prefix and no merges.
  const bool untyped = !type && model.find("continuing_subword_prefix") != nullptr &&
                       model.find("merges") == nullptr;
  if (!untyped && type != "WordPiece") {
    throw model.mismatch("type", "\"WordPiece\"", type ? Json(*type) : Json());
  }
  WordPieceOptions options;
  options.unk_token = model.string("unk_token").value_or(options.unk_token);
  options.continuing_subword_prefix =
      model.string("continuing_subword_prefix").value_or(options.continuing_subword_prefix);
  options.max_input_chars_per_word =
      model.size("max_input_chars_per_word").value_or(options.max_input_chars_per_word);
  return options;
}

std::int32_t read_id(const ConfigReader& object, std::string_view key) {
  const std::size_t id = object.require(object.size(key), key, "an id");
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (id > kMost) {
    throw object.refusal(key, "an id from 0 to " + std::to_string(kMost), std::to_string(id));
  }
  return static_cast<std::int32_t>(id);
}

std::vector<Vocabulary::Entry> read_model_vocabulary(const ConfigReader& root) {
  const ConfigReader vocab = root.object("model").object("vocab");
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(vocab.json().size());
  for (const auto& item : vocab.json().items()) {
    entries.push_back({item.key(), read_id(vocab, item.key())});
  }
  std::ranges::stable_sort(entries, {}, &Vocabulary::Entry::id);
  const auto twice = std::ranges::adjacent_find(entries, {}, &Vocabulary::Entry::id);
  if (twice != entries.end()) {
    throw vocab.refusal((twice + 1)->token,
                        "an id of its own, not that of \"" + twice->token + "\"",
                        std::to_string(twice->id));
  }
  return entries;
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

SequenceTemplate read_sequence_template(const ConfigReader& root, const Find& find) {
  if (root.find("post_processor") == nullptr) return {};
  const ConfigReader processor = root.object("post_processor");
  const std::string type = type_of(processor);
  if (type == "BertProcessing") {
    return bert_sequence_template(read_token_and_id(processor, "cls", find),
                                  read_token_and_id(processor, "sep", find));
  }
  if (type == "TemplateProcessing") {
    return {.single = read_template(processor, "single", 1, find),
            .pair = read_template(processor, "pair", 2, find)};
  }
  throw processor.mismatch("type", "\"BertProcessing\" or \"TemplateProcessing\"", type);
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
