#include "jobs/tokenize_handler.hpp"

#include "polytag/core/executor.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

/// A tokenizer of a few words, from a directory without weights.
class SmallTokenizer {
 public:
  SmallTokenizer() {
    directory_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwheat\n##s\n,\n小\n\"\n");
    directory_.write("tokenizer_config.json", R"({"do_lower_case": true})");
    tokenizer_ = load_tokenizer(directory_ / "");
  }
  const Tokenizer& operator*() const { return *tokenizer_; }

 private:
  TemporaryDirectory directory_;
  std::optional<Tokenizer> tokenizer_;
};

InputRow row_of(std::string text, std::optional<std::string> pair = std::nullopt) {
  InputRow row;
  row.text = std::move(text);
  row.text_pair = std::move(pair);
  row.number = row.line = 1;
  return row;
}

std::string written(const Tokenizer& tokenizer, OutputFormat format,
                    const std::vector<InputRow>& rows, EncodeOptions options = {},
                    std::size_t threads = 1) {
  ThreadPool pool(threads);
  options.with_offsets = true;
  TokenizeHandler handler(tokenizer, options, make_encoding_format(format, tokenizer), pool);
  std::string out;
  handler.append_header(out);
  handler.append_rows(rows, out);
  return out;
}

}  // namespace

TEST_CASE("tokenize jsonl: the form that scripts rely on", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  CHECK(written(*tokenizer, OutputFormat::kJsonl, {row_of("Wheats, \"小x\"")}) ==
        R"({"tokens": ["[CLS]", "wheat", "##s", ",", "\"", "小", "[UNK]", "\"", "[SEP]"], )"
        R"("ids": [2, 5, 6, 7, 9, 8, 1, 9, 3], "offsets": )"
        R"([[0, 0], [0, 5], [5, 6], [6, 7], [8, 9], [9, 12], [12, 13], [13, 14], [0, 0]]})"
        "\n");
}

TEST_CASE("tokenize jsonl: no special tokens, offsets in code points", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  EncodeOptions options;
  options.add_special_tokens = false;
  options.offset_unit = OffsetUnit::kCodePoints;
  CHECK(written(*tokenizer, OutputFormat::kJsonl, {row_of("小,")}, options) ==
        "{\"tokens\": [\"小\", \",\"], \"ids\": [8, 7], \"offsets\": [[0, 1], [1, 2]]}\n");
  CHECK(written(*tokenizer, OutputFormat::kJsonl, {row_of("")}, options) ==
        "{\"tokens\": [], \"ids\": [], \"offsets\": []}\n");
}

TEST_CASE("tokenize jsonl: a pair says which text a token is of", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  const std::string line = written(*tokenizer, OutputFormat::kJsonl, {row_of("wheat", "小")});
  CHECK_THAT(line, ContainsSubstring("\"ids\": [2, 5, 3, 8, 3]"));
  CHECK_THAT(line, ContainsSubstring("\"token_type_ids\": [0, 0, 0, 1, 1]}"));
}

TEST_CASE("tokenize csv: a line for every token", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  CHECK(written(*tokenizer, OutputFormat::kCsv, {row_of("wheat,")}) ==
        "row,token,id,begin,end,token_type_id\r\n"
        "1,[CLS],2,0,0,0\r\n1,wheat,5,0,5,0\r\n1,\",\",7,5,6,0\r\n1,[SEP],3,0,0,0\r\n");
}

TEST_CASE("tokenize table: tokens in columns", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  CHECK(written(*tokenizer, OutputFormat::kTable, {row_of("wheat小")}) ==
        "[CLS]  2      0-0\nwheat  5      0-5\n小     8      5-8\n[SEP]  3      0-0\n");
}

TEST_CASE("tokenize: rows stay in order on many threads", "[jobs][tokenize]") {
  const SmallTokenizer tokenizer;
  std::vector<InputRow> rows;
  for (std::size_t i = 0; i < 101; ++i) rows.push_back(row_of(std::string(i, ',')));
  const std::string expected = written(*tokenizer, OutputFormat::kJsonl, rows, {}, 1);
  CHECK(written(*tokenizer, OutputFormat::kJsonl, rows, {}, 2) == expected);
  CHECK(written(*tokenizer, OutputFormat::kJsonl, rows, {}, 7) == expected);
}

}  // namespace polytag
