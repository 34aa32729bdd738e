#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "polytag/error.hpp"
#include "polytag/text/tokenizer.hpp"
#include "polytag/text/wordpiece.hpp"

namespace polytag {
namespace {

constexpr std::size_t kMostJsonBytes = std::size_t{1} << 28;
constexpr std::size_t kTensorFlowMaxInputCharsPerWord = 200;

std::string in_quotes(std::string_view text) {
  std::string result(1, '"');
  return result.append(text).append(1, '"');
}

/// One JSON object of a file, which knows its name for messages.
class JsonObject {
 public:
  JsonObject(const Json& json, std::string file, std::string name)
      : json_(json), file_(std::move(file)), name_(std::move(name)) {
    if (!json_.is_object()) {
      throw ConfigError::mismatch(file_, name_, "an object", json_.type_name());
    }
  }

  const Json* find(const std::string& key) const {
    const auto place = json_.find(key);
    return place == json_.end() || place->is_null() ? nullptr : &*place;
  }
  JsonObject object(const std::string& key) const {
    return {need(key, "an object"), file_, field(key)};
  }
  const Json& array(const std::string& key) const {
    const Json& value = need(key, "an array");
    if (!value.is_array()) fail(key, "an array", value);
    return value;
  }

  void read(const std::string& key, bool& value) const {
    if (const Json* found = find(key)) {
      if (!found->is_boolean()) fail(key, "true or false", *found);
      value = found->get<bool>();
    }
  }
  void read(const std::string& key, std::optional<bool>& value) const {
    bool found = false;
    if (find(key) == nullptr) return;
    read(key, found);
    value = found;
  }
  void read(const std::string& key, std::string& value) const {
    if (const Json* found = find(key)) {
      if (!found->is_string()) fail(key, "a string", *found);
      value = found->get<std::string>();
    }
  }
  /// A count; Hugging Face writes "no limit" as the float 1e30.
  void read(const std::string& key, std::size_t& value) const {
    const Json* found = find(key);
    if (found == nullptr) return;
    constexpr double kHuge = 1e15;
    if (found->is_number() && found->get<double>() >= kHuge) {
      value = kUnlimitedTokens;
    } else if (found->is_number_unsigned()) {
      value = found->get<std::size_t>();
    } else {
      fail(key, "a non-negative integer", *found);
    }
  }
  /// A special token, a string or an AddedToken object with its content.
  void read_token(const std::string& key, std::string& value) const {
    const Json* found = find(key);
    if (found != nullptr && found->is_object()) {
      JsonObject(*found, file_, field(key)).read("content", value);
    } else {
      read(key, value);
    }
  }

  std::string text(const std::string& key) const {
    std::string value;
    need(key, "a string");
    read(key, value);
    return value;
  }

  [[noreturn]] void fail(const std::string& key, std::string_view expected,
                         const Json& found) const {
    constexpr std::size_t kMostShown = 60;
    std::string shown = found.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (shown.size() > kMostShown) shown = shown.substr(0, kMostShown) + "…";
    throw ConfigError::mismatch(file_, field(key), expected, shown);
  }
  void expect(const std::string& key, std::string_view expected) const {
    const Json& value = need(key, in_quotes(expected));
    if (value != expected) fail(key, in_quotes(expected), value);
  }

  const Json& json() const { return json_; }
  const std::string& file() const { return file_; }
  std::string field(const std::string& key) const {
    std::string path(name_);
    return path.append(path.empty() ? "" : ".").append(key);
  }

 private:
  const Json& need(const std::string& key, std::string_view expected) const {
    const Json* found = find(key);
    if (found == nullptr) throw ConfigError::missing(file_, field(key), expected);
    return *found;
  }

  const Json& json_;
  std::string file_;
  std::string name_;
};

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

BasicTokenizer parse_basic_tokenizer(const JsonObject& object) {
  std::string name = "hugging_face";
  object.read("basic_tokenizer", name);
  if (name == "hugging_face") return BasicTokenizer::kHuggingFace;
  if (name == "tensorflow") return BasicTokenizer::kTensorFlow;
  object.fail("basic_tokenizer", "\"hugging_face\" or \"tensorflow\"", name);
}

// Classes of transformers that are BERT's WordPiece. Others may have a vocab.txt, too, and mean
// something else by it.
void expect_wordpiece_class(const JsonObject& object) {
  constexpr std::array kKnown{"BertTokenizer",     "DistilBertTokenizer", "ElectraTokenizer",
                              "ConvBertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
                              "LayoutLMTokenizer", "RetriBertTokenizer",  "PreTrainedTokenizer",
                              "TokenizersBackend"};
  std::string name = kKnown.front();
  object.read("tokenizer_class", name);
  std::string_view base = name;
  if (base.ends_with("Fast")) base.remove_suffix(4);
  if (std::find(kKnown.begin(), kKnown.end(), base) == kKnown.end()) {
    object.fail("tokenizer_class", "a WordPiece tokenizer such as \"BertTokenizer\"", name);
  }
}

AddedToken parse_added_token(const JsonObject& object) {
  AddedToken token{.content = object.text("content")};
  object.read("lstrip", token.lstrip);
  object.read("rstrip", token.rstrip);
  bool single_word = false, normalized = false;
  object.read("single_word", single_word);
  object.read("normalized", normalized);
  if (single_word) object.fail("single_word", "false, the other is not supported", true);
  if (normalized) object.fail("normalized", "false, the other is not supported", true);
  return token;
}

void read_tokenizer_config(const JsonObject& object, TokenizerConfig& config) {
  expect_wordpiece_class(object);
  config.basic_tokenizer = parse_basic_tokenizer(object);
  if (config.basic_tokenizer == BasicTokenizer::kTensorFlow) {
    config.max_input_chars_per_word = kTensorFlowMaxInputCharsPerWord;
  }
  object.read("do_lower_case", config.do_lower_case);
  object.read("strip_accents", config.strip_accents);
  object.read("tokenize_chinese_chars", config.tokenize_chinese_chars);
  object.read("model_max_length", config.model_max_length);
  object.read("max_input_chars_per_word", config.max_input_chars_per_word);
  object.read_token("unk_token", config.unk_token);
  object.read_token("sep_token", config.sep_token);
  object.read_token("pad_token", config.pad_token);
  object.read_token("cls_token", config.cls_token);
  object.read_token("mask_token", config.mask_token);
  if (object.find("added_tokens_decoder") != nullptr) {
    const JsonObject decoder = object.object("added_tokens_decoder");
    for (const auto& [id, token] : decoder.json().items()) {
      config.added_tokens.push_back(parse_added_token({token, decoder.file(), decoder.field(id)}));
    }
  }
}

/// Tokens by id, with room for those that come as added tokens.
class TokensById {
 public:
  TokensById(std::string file, std::size_t most) : file_(std::move(file)), tokens_(most) {}

  void put(const std::string& token, const JsonObject& object, const std::string& key) {
    const Json* id = object.find(key);
    if (id == nullptr || !id->is_number_unsigned() || id->get<std::size_t>() >= tokens_.size()) {
      object.fail(key, "an id from 0 to " + std::to_string(tokens_.size() - 1) + " without gaps",
                  id == nullptr ? Json() : *id);
    }
    auto& place = tokens_[id->get<std::size_t>()];
    if (place && *place != token) {
      object.fail(key, "an id of its own, not that of " + in_quotes(*place), *id);
    }
    place = token;
  }

  std::vector<std::string> take() {
    while (!tokens_.empty() && !tokens_.back()) tokens_.pop_back();
    std::vector<std::string> tokens;
    for (std::size_t id = 0; id < tokens_.size(); ++id) {
      if (!tokens_[id]) {
        throw FormatError::mismatch(file_, "model.vocab", "ids without gaps",
                                    "no token with id " + std::to_string(id));
      }
      tokens.push_back(std::move(*tokens_[id]));
    }
    return tokens;
  }

 private:
  std::string file_;
  std::vector<std::optional<std::string>> tokens_;
};

void read_normalizer(const JsonObject& root, TokenizerConfig& config) {
  const JsonObject normalizer = root.object("normalizer");
  normalizer.expect("type", "BertNormalizer");
  normalizer.read("clean_text", config.clean_text);
  normalizer.read("handle_chinese_chars", config.tokenize_chinese_chars);
  normalizer.read("strip_accents", config.strip_accents);
  normalizer.read("lowercase", config.do_lower_case);
  root.object("pre_tokenizer").expect("type", "BertPreTokenizer");
}

// The special tokens in the order of a template: "[CLS]", "$A", "[SEP]", each with its type id.
std::string describe_template(const JsonObject& processor, const std::string& key) {
  std::string described;
  for (const Json& piece : processor.array(key)) {
    const JsonObject object(piece, processor.file(), processor.field(key));
    const bool special = object.find("SpecialToken") != nullptr;
    const JsonObject part = object.object(special ? "SpecialToken" : "Sequence");
    std::size_t type = 0;
    part.read("type_id", type);
    described.append(special ? "" : "$").append(part.text("id")).append(":");
    described.append(std::to_string(type)).append(" ");
  }
  return described;
}

void read_post_processor(const JsonObject& root, TokenizerConfig& config) {
  if (root.find("post_processor") == nullptr) return;
  const JsonObject processor = root.object("post_processor");
  const std::string type = processor.text("type");
  if (type == "BertProcessing") {
    for (const auto& [key, token] :
         {std::pair{"sep", &config.sep_token}, {"cls", &config.cls_token}}) {
      const Json& pair = processor.array(key);
      if (pair.empty() || !pair[0].is_string()) processor.fail(key, "[token, id]", pair);
      *token = pair[0].get<std::string>();
    }
  } else if (type == "TemplateProcessing") {
    const Json& single = processor.array("single");
    if (single.size() == 3 && single[0].contains("SpecialToken")) {
      config.cls_token = JsonObject(single[0], root.file(), processor.field("single"))
                             .object("SpecialToken")
                             .text("id");
      config.sep_token = JsonObject(single[2], root.file(), processor.field("single"))
                             .object("SpecialToken")
                             .text("id");
    }
    const std::string single_form = config.cls_token + ":0 $A:0 " + config.sep_token + ":0 ";
    const std::string pair_form = single_form + "$B:1 " + config.sep_token + ":1 ";
    for (const auto& [key, form] : {std::pair{"single", single_form}, {"pair", pair_form}}) {
      const std::string found = describe_template(processor, key);
      if (found != form) processor.fail(key, form, found);
    }
  } else {
    processor.fail("type", "\"BertProcessing\" or \"TemplateProcessing\"", type);
  }
}

Vocabulary read_tokenizer_json(const JsonObject& root, TokenizerConfig& config) {
  const JsonObject model = root.object("model");
  if (model.find("type") != nullptr) model.expect("type", "WordPiece");
  model.read("unk_token", config.unk_token);
  model.read("continuing_subword_prefix", config.continuing_subword_prefix);
  model.read("max_input_chars_per_word", config.max_input_chars_per_word);
  read_normalizer(root, config);
  read_post_processor(root, config);

  const JsonObject vocab = model.object("vocab");
  const Json none = Json::array();
  const Json& added = root.find("added_tokens") == nullptr ? none : root.array("added_tokens");
  TokensById tokens(root.file(), vocab.json().size() + added.size());
  for (const auto& [token, id] : vocab.json().items()) tokens.put(token, vocab, token);
  for (const Json& element : added) {
    const JsonObject object(element, root.file(), "added_tokens");
    config.added_tokens.push_back(parse_added_token(object));
    tokens.put(config.added_tokens.back().content, object, "id");
  }
  return {tokens.take(), root.file()};
}

}  // namespace

Tokenizer load_tokenizer(const std::filesystem::path& model_directory) {
  const std::filesystem::path json_path = model_directory / "tokenizer.json";
  const std::filesystem::path config_path = model_directory / "tokenizer_config.json";
  const std::filesystem::path vocab_path = model_directory / "vocab.txt";

  TokenizerConfig config;
  std::optional<Vocabulary> vocabulary;
  if (is_there(json_path)) {
    const JsonDocument json =
        parse_json(read_text_file(json_path.string(), kMostJsonBytes), json_path.string());
    vocabulary = read_tokenizer_json({*json, json_path.string(), ""}, config);
  }
  if (is_there(config_path)) {
    const JsonDocument json =
        parse_json(read_text_file(config_path.string(), kMostJsonBytes), config_path.string());
    read_tokenizer_config({*json, config_path.string(), ""}, config);
  }
  if (!vocabulary) {
    if (!is_there(vocab_path)) {
      throw IoError::missing(vocab_path.string(),
                             "the tokenizer; neither is there a tokenizer.json");
    }
    vocabulary = read_vocabulary(vocab_path.string(), config.basic_tokenizer);
  }
  return {*std::move(vocabulary), std::move(config)};
}

}  // namespace polytag
