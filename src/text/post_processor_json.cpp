#include <limits>
#include <string>
#include <utility>

#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

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

/// Very old files do not name the type.
std::string processor_type(const ConfigReader& processor) {
  if (const auto type = processor.string("type")) return *type;
  const auto has = [&](std::string_view key) { return processor.find(key) != nullptr; };
  if (has("sep") && has("cls")) return has("trim_offsets") ? "RobertaProcessing" : "BertProcessing";
  if (has("single")) return "TemplateProcessing";
  if (has("processors")) return "Sequence";
  return has("trim_offsets") ? "ByteLevel" : "";
}

void read_trimming(const ConfigReader& processor, PostProcessor& read) {
  if (!processor.boolean("trim_offsets").value_or(true)) return;
  read.offset_trimming = OffsetTrimming{processor.boolean("add_prefix_space").value_or(true)};
}

/// Adds to `read` what one processor does. Special tokens can be added once.
void read_processor(const ConfigReader& processor, const Find& find, bool& adds_tokens,
                    PostProcessor& read) {
  const std::string type = processor_type(processor);
  if (type == "Sequence") {
    const Json& all = processor.array("processors");
    for (std::size_t index = 0; index < all.size(); ++index) {
      const std::string name = processor.name("processors") + "[" + std::to_string(index) + "]";
      read_processor({all[index], processor.file(), name}, find, adds_tokens, read);
    }
    return;
  }
  if (type == "ByteLevel") return read_trimming(processor, read);
  if (std::exchange(adds_tokens, true)) {
    throw processor.mismatch("type", "one processor that adds tokens", type);
  }
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    const std::int32_t cls = read_token_and_id(processor, "cls", find);
    const std::int32_t sep = read_token_and_id(processor, "sep", find);
    const bool bert = type == "BertProcessing";
    read.sequence_template =
        bert ? bert_sequence_template(cls, sep) : roberta_sequence_template(cls, sep);
    if (!bert) read_trimming(processor, read);
    return;
  }
  if (type == "TemplateProcessing") {
    read.sequence_template = {.single = read_template(processor, "single", 1, find),
                              .pair = read_template(processor, "pair", 2, find)};
    return;
  }
  throw processor.mismatch("type",
                           "\"BertProcessing\", \"RobertaProcessing\", \"TemplateProcessing\", "
                           "\"ByteLevel\" or \"Sequence\"",
                           type);
}

}  // namespace

PostProcessor read_post_processor(const ConfigReader& root, const Find& find) {
  PostProcessor read;
  if (root.find("post_processor") == nullptr) return read;
  bool adds_tokens = false;
  read_processor(root.object("post_processor"), find, adds_tokens, read);
  return read;
}

}  // namespace polytag::text
