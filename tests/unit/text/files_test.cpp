#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "polytag/error.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::test;
using nlohmann::json;
using Ids = std::vector<std::int32_t>;

namespace {

/// A directory of model files that lives as long as it.
class ModelDirectory {
 public:
  ModelDirectory() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("polytag_text_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~ModelDirectory() { std::filesystem::remove_all(path_); }
  ModelDirectory(const ModelDirectory&) = delete;
  ModelDirectory& operator=(const ModelDirectory&) = delete;

  ModelDirectory& write(const std::string& name, const std::string& bytes) {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return *this;
  }
  Tokenizer load() const { return load_tokenizer(path_); }

 private:
  std::filesystem::path path_;
};

const std::string kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nA\n##b\n";

json tokenizer_json() {
  return json::parse(R"({
    "version": "1.0", "truncation": {"max_length": 4}, "padding": null,
    "added_tokens": [
      {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true},
      {"id": 7, "content": "<new>", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": false},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
      "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
               {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
               {"Sequence": {"id": "B", "type_id": 1}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]},
    "decoder": {"type": "WordPiece"},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 3,
              "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "A": 5, "##b": 6}}
  })");
}

void check_vocabulary_fails(const std::string& bytes, const std::string& words) {
  ModelDirectory directory;
  directory.write("vocab.txt", bytes);
  CHECK_THROWS_WITH(directory.load(), ContainsSubstring("vocab.txt") && ContainsSubstring(words));
  CHECK_THROWS_AS(directory.load(), Error);
}

void check_config_fails(const std::string& bytes, const std::string& words) {
  ModelDirectory directory;
  directory.write("vocab.txt", kVocabulary).write("tokenizer_config.json", bytes);
  CHECK_THROWS_WITH(directory.load(),
                    ContainsSubstring("tokenizer_config.json") && ContainsSubstring(words));
  CHECK_THROWS_AS(directory.load(), Error);
}

/// tokenizer.json with the value at a JSON pointer replaced.
void check_json_fails(const std::string& pointer, const json& value, const std::string& words) {
  json changed = tokenizer_json();
  changed[json::json_pointer(pointer)] = value;
  ModelDirectory directory;
  directory.write("tokenizer.json", changed.dump());
  INFO(pointer << " = " << value);
  CHECK_THROWS_WITH(directory.load(),
                    ContainsSubstring("tokenizer.json") && ContainsSubstring(words));
  CHECK_THROWS_AS(directory.load(), Error);
}

}  // namespace

TEST_CASE("tokenizer files: vocab.txt alone is an uncased BERT", "[text][files]") {
  ModelDirectory directory;
  const Tokenizer tokenizer = directory.write("vocab.txt", kVocabulary).load();
  CHECK(tokenizer.encode("A Ab").ids == Ids{2, 5, 5, 7, 3});
  CHECK(tokenizer.spec().model_max_length == kUnlimitedTokens);
  CHECK(tokenizer.vocabulary().size() == 8);
}

TEST_CASE("tokenizer files: lines may end as on Windows", "[text][files]") {
  ModelDirectory directory;
  directory.write("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na");
  CHECK(directory.load().encode("a").ids == Ids{2, 4, 3});
}

TEST_CASE("tokenizer files: tokenizer_config.json is followed", "[text][files]") {
  ModelDirectory directory;
  directory.write("vocab.txt", kVocabulary).write("tokenizer_config.json", R"({
        "do_lower_case": false, "strip_accents": null, "tokenize_chinese_chars": false,
        "tokenizer_class": "BertTokenizerFast", "model_max_length": 1000000000000000019884624838656,
        "cls_token": {"__type": "AddedToken", "content": "a", "normalized": false},
        "added_tokens_decoder": {"6": {"content": "A", "lstrip": true}}})");
  const Tokenizer tokenizer = directory.load();
  const auto& normalizer = std::get<BertNormalizerOptions>(tokenizer.spec().normalizer.at(0));
  CHECK_FALSE(normalizer.lower_case);
  CHECK_FALSE(normalizer.tokenize_chinese_chars);
  CHECK(tokenizer.spec().model_max_length == kUnlimitedTokens);
  CHECK(tokenizer.sequence_template() == bert_sequence_template(5, 3));
  directory.write("tokenizer_config.json", R"({"model_max_length": 128})");
  CHECK(directory.load().spec().model_max_length == 128);
}

TEST_CASE("tokenizer files: tokenizer.json is followed", "[text][files]") {
  ModelDirectory directory;
  directory.write("tokenizer.json", tokenizer_json().dump());
  const Tokenizer tokenizer = directory.load();
  CHECK(tokenizer.vocabulary().size() == 8);
  CHECK(tokenizer.encode("A a<new> abbb").ids == Ids{2, 5, 4, 7, 1, 3});
  CHECK(tokenizer.encode("a", "ab").ids == Ids{2, 4, 3, 4, 6, 3});
  directory.write("tokenizer_config.json", R"({"do_lower_case": true})");
  CHECK(directory.load().encode("A").ids == Ids{2, 4, 3});
}

TEST_CASE("tokenizer files: a vocabulary in both files comes from tokenizer.json",
          "[text][files]") {
  ModelDirectory directory;
  directory.write("tokenizer.json", tokenizer_json().dump()).write("vocab.txt", kVocabulary);
  CHECK(directory.load().encode("a").ids == Ids{2, 4, 3});
}

TEST_CASE(
    "tokenizer files: BERT's class and another pipeline in tokenizer.json have no one meaning",
    "[text][files]") {
  // transformers 5.24 rebuilds BERT's parts, 4.57 keeps those of tokenizer.json.
  const auto check_refused = [](const std::string& pointer, const json& value,
                                const std::string& part) {
    json changed = tokenizer_json();
    changed["model"]["max_input_chars_per_word"] = 100;
    changed["normalizer"]["lowercase"] = true;
    ModelDirectory directory;
    directory.write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizerFast"})");
    CHECK_NOTHROW(directory.write("tokenizer.json", changed.dump()).load());
    changed[json::json_pointer(pointer)] = value;
    directory.write("tokenizer.json", changed.dump());
    INFO(pointer);
    CHECK_THROWS_WITH(directory.load(), ContainsSubstring("tokenizer.json: " + part) &&
                                            ContainsSubstring("PreTrainedTokenizerFast"));
    directory.write("tokenizer_config.json", R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
    CHECK_NOTHROW(directory.load());
  };
  check_refused("/normalizer", {{"type", "NFC"}}, "normalizer");
  check_refused("/normalizer/lowercase", false, "normalizer");
  check_refused("/normalizer/strip_accents", false, "normalizer");
  check_refused("/normalizer/clean_text", false, "normalizer");
  check_refused("/pre_tokenizer", {{"type", "Whitespace"}}, "pre_tokenizer");
  check_refused("/post_processor", nullptr, "post_processor");
  check_refused("/post_processor/pair/3/Sequence/type_id", 0, "post_processor");
  check_refused("/model/max_input_chars_per_word", 3, "model");
}

TEST_CASE("tokenizer files: files that contradict each other are refused", "[text][files]") {
  const auto fails = [](const json& config, const json& special, const std::string& words) {
    ModelDirectory directory;
    directory.write("tokenizer.json", tokenizer_json().dump())
        .write("tokenizer_config.json", config.dump())
        .write("special_tokens_map.json", special.dump());
    CHECK_THROWS_WITH(directory.load(), ContainsSubstring(words));
    CHECK_THROWS_AS(directory.load(), Error);
  };
  const json bert = {{"tokenizer_class", "BertTokenizer"}};
  const json fast = {{"tokenizer_class", "PreTrainedTokenizerFast"}};
  const json none = json::object();
  json config = bert;
  config["added_tokens_decoder"] = none;
  fails(config, none, "added_tokens_decoder: expected \"<new>\", which tokenizer.json adds");
  config = fast;
  config["added_tokens_decoder"] = {{"7", {{"content", "<new>"}, {"normalized", true}}}};
  fails(config, none, "normalized of added token \"<new>\"");
  config["added_tokens_decoder"] = {{"9", {{"content", "<other>"}, {"normalized", false}}}};
  fails(config, none, "id of added token \"<other>\": expected 8");
  fails({{"unk_token", "a"}}, none, "unk_token: expected \"[UNK]\", as in tokenizer.json");
  fails(fast, {{"cls_token", 3}}, "special_tokens_map.json: cls_token");
  fails(fast, {{"additional_special_tokens", "a"}}, "additional_special_tokens: expected a list");
  fails(fast, json::array(), "special_tokens_map.json");

  ModelDirectory directory;
  directory.write("vocab.txt", kVocabulary).write("added_tokens.json", R"({"<x>": 20})");
  CHECK_THROWS_WITH(directory.load(), ContainsSubstring("\"<x>\": expected 8"));
  directory.write("added_tokens.json", R"({"<x>": 8, "<X>": 9})");
  CHECK_THROWS_WITH(directory.load(), ContainsSubstring("one token of this normalized form"));
  directory.write("added_tokens.json", R"({"<x>": -1})");
  CHECK_THROWS_WITH(directory.load(), ContainsSubstring("added_tokens.json: <x>"));
}

TEST_CASE("tokenizer files: steps without number are refused", "[text][files][robustness]") {
  json steps = json::array();
  for (int i = 0; i < 65; ++i) steps.push_back({{"type", "NFC"}});
  check_json_fails("/normalizer", {{"type", "Sequence"}, {"normalizers", steps}},
                   "at most 64 steps");
}

TEST_CASE("tokenizer files: a directory without a tokenizer is told so", "[text][files]") {
  CHECK_THROWS_WITH(ModelDirectory().load(), ContainsSubstring("vocab.txt: no such file"));
  CHECK_THROWS_AS(load_tokenizer("/nonexistent"), IoError);
}

TEST_CASE("tokenizer files: a malformed vocab.txt is refused", "[text][files][robustness]") {
  check_vocabulary_fails("", "1 to");
  check_vocabulary_fails("[PAD]\n[UNK]\ra\n", "line 2: expected \\n or \\r\\n");
  check_vocabulary_fails(kVocabulary + "\xFF\xFE\n", "line 9: expected UTF-8");
  check_vocabulary_fails("a\nb\n", "unk_token");
  check_vocabulary_fails("[UNK]\na\n", "sep_token");
  check_vocabulary_fails("[UNK]\n[SEP]\n[PAD]\n", "cls_token");
  check_vocabulary_fails(std::string(1000, '\n'), "unk_token");
}

TEST_CASE("tokenizer files: a malformed tokenizer_config.json is refused",
          "[text][files][robustness]") {
  check_config_fails("", "JSON");
  check_config_fails("{\"do_lower_case\": tru", "JSON");
  check_config_fails("[]", "an object");
  check_config_fails(R"({"do_lower_case": 1})", "do_lower_case: expected true or false, found 1");
  check_config_fails(R"({"strip_accents": "no"})", "strip_accents");
  check_config_fails(R"({"model_max_length": -1})", "model_max_length");
  check_config_fails(R"({"model_max_length": 1.5})", "model_max_length");
  check_config_fails(R"({"unk_token": 3})", "unk_token: expected a string");
  check_config_fails(R"({"cls_token": {"content": 3}})", "cls_token.content");
  check_config_fails(R"({"tokenizer_class": "BertweetTokenizer"})", "BertweetTokenizer");
  check_config_fails(R"({"tokenizer_class": "BertJapaneseTokenizer"})", "BertJapaneseTokenizer");
  check_config_fails(R"({"basic_tokenizer": "jax"})", "basic_tokenizer");
  check_config_fails(R"({"added_tokens_decoder": []})", "added_tokens_decoder");
  check_config_fails(R"({"added_tokens_decoder": {"5": {"content": "a", "normalized": 1}}})",
                     "added_tokens_decoder.5.normalized");
  check_config_fails(R"({"added_tokens_decoder": {"5": {"content": ""}}})", "a content");
  check_config_fails(R"({"added_tokens_decoder": {"x": {"content": "a"}}})", "ids as names");
  check_config_fails(R"({"added_tokens_decoder": {"99": {"content": "<x>"}}})",
                     "id of added token \"<x>\": expected 8");
  check_config_fails(R"({"added_tokens_decoder": {"6": {"content": "a"}}})", "expected 5");
  check_config_fails(R"({"truncation_side": "middle"})", "truncation_side");
  check_config_fails(R"({"split_special_tokens": true})", "split_special_tokens");
  check_config_fails(R"({"additional_special_tokens": "a"})", "a list of tokens");
  check_config_fails(R"({"additional_special_tokens": [5]})", "a string or an object");
  check_config_fails(R"({"extra_special_tokens": {"x": 5}})", "extra_special_tokens.x");
  check_config_fails(R"({"x_token": "<x>", "y_token": "<y>"})", "2 new tokens without ids");
  check_config_fails(std::string(100000, '['), "JSON");
  ModelDirectory directory;
  directory.write("vocab.txt", kVocabulary)
      .write("tokenizer_config.json", R"({"max_input_chars_per_word": 1000000})");
  CHECK_THROWS_WITH(directory.load(), ContainsSubstring("max_input_chars_per_word"));
}

TEST_CASE("tokenizer files: a malformed tokenizer.json is refused", "[text][files][robustness]") {
  check_json_fails("/model/type", "Neural", "or \"Unigram\", found \"Neural\"");
  check_json_fails("/model/type", "BPE", "model.merges");
  check_json_fails("/model/type", "Unigram", "model.vocab: expected an array");
  check_json_fails("/model/vocab", json::array({1, 2}), "model.vocab: expected an object");
  check_json_fails("/model/vocab", json::object(), "");
  check_json_fails("/model/vocab/a", 2000000, "token \"a\": expected an id from 0 to");
  check_json_fails("/model/vocab/a", 5000000000, "model.vocab.a");
  check_json_fails("/model/vocab/a", -1, "model.vocab.a");
  check_json_fails("/model/vocab/a", 1e30, "model.vocab.a");
  check_json_fails("/model/vocab/a", "4", "model.vocab.a");
  check_json_fails("/model/vocab/a", 5, "an id of its own");
  check_json_fails("/model/unk_token", "<unk>", "unk_token");
  check_json_fails("/model/max_input_chars_per_word", "3", "max_input_chars_per_word");
  check_json_fails("/model", nullptr, "model");
  check_json_fails("/normalizer/type", "Unheard", "found \"Unheard\"");
  check_json_fails("/normalizer", {{"type", "Precompiled"}, {"precompiled_charsmap", "="}},
                   "normalizer.precompiled_charsmap: expected base64");
  check_json_fails("/normalizer", {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA"}},
                   "precompiled_charsmap: expected 4 bytes or more");
  check_json_fails("/normalizer",
                   {{"type", "Replace"}, {"pattern", {{"Regex", "a+b"}}}, {"content", ""}},
                   "normalizer.pattern");
  check_json_fails("/normalizer",
                   {{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", ""}},
                   "normalizer.pattern");
  check_json_fails("/normalizer", {{"type", "Sequence"}, {"normalizers", {{{"type", "Unheard"}}}}},
                   "normalizer.normalizers[0].type");
  check_json_fails("/normalizer/lowercase", "yes", "normalizer.lowercase");
  check_json_fails("/pre_tokenizer/type", "UnicodeScripts", "found \"UnicodeScripts\"");
  check_json_fails("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "\\p{Greek}"}}}},
                   "a regular expression of a known model, found \\p{Greek}");
  check_json_fails("/pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "ab"}},
                   "pre_tokenizer.replacement: expected one character");
  check_json_fails("/pre_tokenizer", {{"type", "Metaspace"}, {"prepend_scheme", "last"}},
                   "pre_tokenizer.prepend_scheme");
  check_json_fails("/pre_tokenizer", {{"type", "Punctuation"}, {"behavior", "Lost"}},
                   "pre_tokenizer.behavior");
  check_json_fails("/post_processor/type", "RobertaProcessing", "post_processor.cls");
  check_json_fails("/post_processor/type", "Unheard", "found \"Unheard\"");
  check_json_fails("/post_processor/pair", json::array(), "post_processor.pair");
  check_json_fails("/post_processor/single/0/SpecialToken/type_id", 256, "type_id");
  check_json_fails("/post_processor/single/1/Sequence/id", "B", "the sequence A once");
  check_json_fails("/post_processor/pair/1/Sequence/id", "B", "the sequences A and B once");
  check_json_fails("/post_processor/special_tokens",
                   {{"[CLS]", {{"ids", {3}}, {"tokens", {"[CLS]"}}}}}, "2, the id of \"[CLS]\"");
  check_json_fails("/post_processor/special_tokens",
                   {{"[CLS]", {{"ids", {2, 3}}, {"tokens", {"[CLS]"}}}}}, "an id for each");
  check_json_fails("/added_tokens", 3, "added_tokens: expected an array");
  check_json_fails("/added_tokens/1/normalized", 1, "normalized");
  check_json_fails("/added_tokens/1/single_word", "no", "single_word");
  check_json_fails("/added_tokens/1/id", 4, "id of added token \"<new>\": expected 7");
  check_json_fails("/truncation/direction", "Up", "truncation.direction");
  check_json_fails("/added_tokens/0", "[CLS]", "added_tokens[0]: expected an object");
}

TEST_CASE("tokenizer files: whatever byte is cut or changed, nothing but an Error comes",
          "[text][files][robustness]") {
  const std::string whole = tokenizer_json().dump();
  ModelDirectory directory;
  const auto load = [&](const std::string& bytes) {
    try {
      directory.write("tokenizer.json", bytes).load().encode("a [CLS] b");
    } catch (const Error&) {
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 7)
    CHECK_NOTHROW(load(whole.substr(0, size)));
  for (std::size_t at = 0; at < whole.size(); at += 11) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    CHECK_NOTHROW(load(changed));
  }
}

TEST_CASE("vocabulary: the TensorFlow rules strip tokens and skip repeated ones", "[text][files]") {
  ModelDirectory directory;
  directory
      .write("vocab.txt",
             "[PAD]\n[UNK]\n[CLS]\n[SEP]\n a \n\xE2\x80\xA8\na\nb\r\n##\xE2\x80\xA8\n\n")
      .write("tokenizer_config.json", R"({"basic_tokenizer": "tensorflow"})");
  const Tokenizer tokenizer = directory.load();
  CHECK(tokenizer.vocabulary().size() == 8);
  CHECK(tokenizer.token(4) == "a");
  CHECK(tokenizer.token(5).empty());
  CHECK(tokenizer.token(6) == "b");
  CHECK(tokenizer.token(7) == "##");
  CHECK(std::get<WordPieceOptions>(tokenizer.spec().subwords).max_input_chars_per_word == 200);
}
