// Directories without tokenizer.json: what each class makes of its files, as transformers 4.57
// does.

#include <string>
#include <vector>

#include "polytag/error.hpp"
#include "protocol_writer.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;
using namespace polytag::test;
using Ids = std::vector<std::int32_t>;
using Strings = std::vector<std::string>;

namespace {

const std::vector<TestPiece> kPieces{{"<unk>", 0, 2},  {"<s>", 0, 3},    {"</s>", 0, 3},
                                     {"\u2581", -2},   {"a", -3},        {"b", -3},
                                     {"\u2581ab", -1}, {"<0x41>", 0, 6}, {"1,", -1.5F}};

void name_class(const TemporaryDirectory& directory, const std::string& name,
                const std::string& more = "") {
  directory.write("tokenizer_config.json", R"({"tokenizer_class": ")" + name + '"' + more + '}');
}

Ids ids_of(const Tokenizer& tokenizer, const std::string& text) {
  return tokenizer.encode(text).ids;
}

}  // namespace

TEST_CASE("slow files: XLM-RoBERTa moves the ids of its model by one", "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("sentencepiece.bpe.model", sentencepiece_model(kPieces));
  name_class(directory, "XLMRobertaTokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(tokenizer.vocabulary().size() == 11);
  CHECK(ids_of(tokenizer, "ab a") == Ids{0, 7, 4, 5, 2});
  CHECK(ids_of(tokenizer, "a  <mask>") == Ids{0, 4, 5, 10, 2});
  CHECK(ids_of(tokenizer, "<unk>?") == Ids{0, 3, 4, 3, 2});
  const Encoding pair = tokenizer.encode("a", "b");
  CHECK(pair.ids == Ids{0, 4, 5, 2, 2, 4, 6, 2});
  CHECK(pair.token_type_ids == Ids(8, 0));
  CHECK(tokenizer.pad_token_id() == 1);
}

TEST_CASE("slow files: a class that only config.json's model_type tells", "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("sentencepiece.bpe.model", sentencepiece_model(kPieces));
  directory.write("config.json", R"({"model_type": "xlm-roberta"})");
  CHECK(ids_of(load_tokenizer(directory.path()), "ab a") == Ids{0, 7, 4, 5, 2});
}

TEST_CASE("slow files: CamemBERT has tokens of its own before those of its model",
          "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("sentencepiece.bpe.model", sentencepiece_model(kPieces));
  name_class(directory, "CamembertTokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(ids_of(tokenizer, "ab a") == Ids{5, 10, 7, 8, 6});
  CHECK(ids_of(tokenizer, "?") == Ids{5, 7, 3, 6});
  CHECK(tokenizer.token(4) == "<unk>NOTUSED");
  CHECK(tokenizer.vocabulary().find("<mask>") == 13);
}

TEST_CASE("slow files: DeBERTa-v2 keeps ids and puts its mask behind them", "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("spm.model", sentencepiece_model({{"[PAD]", 0, 3},
                                                    {"[CLS]", 0, 3},
                                                    {"[SEP]", 0, 3},
                                                    {"[UNK]", 0, 2},
                                                    {"\u2581", -2},
                                                    {"a", -3},
                                                    {"!", -3},
                                                    {"\u2581a!", -1},
                                                    {"\u2581a", -1}},
                                                   3));
  name_class(directory, "DebertaV2Tokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(ids_of(tokenizer, " a! ") == Ids{1, 7, 2});
  CHECK(ids_of(tokenizer, "A [MASK]") == Ids{1, 4, 3, 9, 2});
  CHECK(tokenizer.encode("a", "a").token_type_ids == Ids{0, 0, 0, 1, 1});
  name_class(directory, "DebertaV2Tokenizer", R"(, "do_lower_case": true, "split_by_punct": true)");
  CHECK(ids_of(load_tokenizer(directory.path()), "A!") == Ids{1, 8, 4, 6, 2});
}

TEST_CASE("slow files: ALBERT's and XLNet's commas behind digits lose their worth",
          "[text][files]") {
  std::vector<TestPiece> pieces{{"<pad>", 0, 3},  {"<unk>", 0, 2}, {"[CLS]", 0, 3}, {"[SEP]", 0, 3},
                                {"[MASK]", 0, 3}, {"\u2581", -2},  {"1", -3},       {",", -3},
                                {"1,", -1},       {"e", -3},       {"(", -3, 4}};
  const TemporaryDirectory directory;
  directory.write("spiece.model", sentencepiece_model(pieces, 1));
  name_class(directory, "AlbertTokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(ids_of(tokenizer, "1,") == Ids{2, 5, 6, 7, 3});
  CHECK(ids_of(tokenizer, "\u00C9(") == Ids{2, 5, 9, 10, 3});
  pieces[2] = {"<cls>", 0, 3};
  pieces[3] = {"<sep>", 0, 3};
  directory.write("spiece.model", sentencepiece_model(pieces, 1));
  name_class(directory, "XLNetTokenizer");
  const Encoding encoding = load_tokenizer(directory.path()).encode("1");
  CHECK(encoding.ids == Ids{5, 6, 3, 2});
  CHECK(encoding.token_type_ids == Ids{0, 0, 0, 2});
}

TEST_CASE("slow files: RoBERTa's vocabulary and merges", "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("vocab.json",
                  R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "\u0120": 6,
                      "\u0120a": 7, "ab": 8, "<mask>": 9})");
  directory.write("merges.txt", "#version: 0.2\r\n\u0120 a\r\na b\n");
  name_class(directory, "RobertaTokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  CHECK(ids_of(tokenizer, "ab ab") == Ids{0, 8, 7, 5, 2});
  CHECK(ids_of(tokenizer, "a <mask>b") == Ids{0, 4, 9, 5, 2});
  const Encoding pair = tokenizer.encode("a", " a", {.with_offsets = true});
  CHECK(pair.ids == Ids{0, 4, 2, 2, 7, 2});
  CHECK(pair.offsets[4] == TokenOffset{1, 2});
  name_class(directory, "RobertaTokenizer", R"(, "add_prefix_space": true)");
  CHECK(ids_of(load_tokenizer(directory.path()), "ab") == Ids{0, 7, 5, 2});

  const auto check_refused = [&](const std::string& merges, const std::string& message) {
    directory.write("merges.txt", merges);
    CHECK_THROWS_WITH(load_tokenizer(directory.path()), ContainsSubstring(message));
  };
  check_refused("a b\n", "line 1: expected \"#version");
  check_refused("#version: 0.2\na b", "line 2: expected a line feed");
  check_refused("#version: 0.2\na b c\n", "line 2: expected two tokens");
  check_refused("#version: 0.2\nab\n", "line 2: expected two tokens");
  check_refused("#version: 0.2\na x\n", "line 2: expected tokens of the vocabulary");
  check_refused("#version: 0.2\nb a\n", "line 2: expected tokens of the vocabulary");
}

TEST_CASE("slow files: MPNet's vocabulary", "[text][files]") {
  const TemporaryDirectory directory;
  directory.write("vocab.txt", "<s>\n<pad>\n</s>\n[UNK]\na\n##b\n<mask>\n");
  name_class(directory, "MPNetTokenizer");
  const Tokenizer tokenizer = load_tokenizer(directory.path());
  const Encoding pair = tokenizer.encode("AB x", "a <mask>");
  CHECK(pair.ids == Ids{0, 4, 5, 3, 2, 2, 4, 6, 2});
  CHECK(pair.token_type_ids == Ids{0, 0, 0, 0, 0, 0, 1, 1, 1});
}

TEST_CASE("slow files: models of another kind, and none, are refused",
          "[text][files][robustness]") {
  const TemporaryDirectory directory;
  name_class(directory, "XLMRobertaTokenizer");
  CHECK_THROWS_WITH(load_tokenizer(directory.path()), ContainsSubstring("sentencepiece.bpe.model"));
  directory.write("sentencepiece.bpe.model", sentencepiece_model(kPieces, 0, 2));
  CHECK_THROWS_WITH(load_tokenizer(directory.path()), ContainsSubstring("expected model_type 1") &&
                                                          ContainsSubstring("model_type 2"));
  directory.write("sentencepiece.bpe.model", sentencepiece_model({{"<unk>", 0, 2}, {"\xFF", -1}}));
  name_class(directory, "AlbertTokenizer");
  CHECK_THROWS_WITH(load_tokenizer(directory.path()), ContainsSubstring("UTF-8"));
}
