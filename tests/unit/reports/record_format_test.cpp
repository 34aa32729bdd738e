#include "reports/record_format.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace polytag {

namespace {

using Json = nlohmann::json;

InputRow good_row(std::string text, std::size_t number = 1) {
  InputRow row;
  row.text = std::move(text);
  row.line = row.number = number;
  return row;
}

InputRow bad_row() {
  InputRow row;
  row.error = row_error("in.csv", 7, "2 fields", "3");
  row.line = 7;
  row.number = 6;
  return row;
}

Prediction prediction() {
  Prediction result;
  result.labels = {{"money-fx", 1, 0.75F}, {"a;b\"c", 0, 0.5F}};
  result.truncated_tokens = 3;
  return result;
}

Prediction sequence_prediction() {
  Prediction result = prediction();
  result.beams = {{{1, 1, 9}, {"x", "x", "</s>"}, -0.25}, {{0}, {"a;b\"c"}, -1.5}};
  return result;
}

template <class Result>
std::string row_text(const RecordFormat<Result>& format, const Result& result,
                     const InputRow& row = good_row("Wheat")) {
  std::string out;
  format.append_row(row, result, out);
  return out;
}

template <class Result>
std::string header(const RecordFormat<Result>& format) {
  std::string out;
  format.append_header(out);
  return out;
}

template <class Result>
std::string skipped(const RecordFormat<Result>& format) {
  std::string out;
  format.append_skipped(bad_row(), out);
  return out;
}

}  // namespace

TEST_CASE("classify jsonl: the form that scripts rely on", "[reports][format]") {
  const auto format = make_prediction_format(OutputFormat::kJsonl, {});
  CHECK(header(*format).empty());
  CHECK(row_text(*format, prediction()) ==
        R"({"labels": [{"name": "money-fx", "index": 1, "score": 0.75}, )"
        R"({"name": "a;b\"c", "index": 0, "score": 0.5}], "truncated_tokens": 3})"
        "\n");
  CHECK(row_text(*format, Prediction{}) == "{\"labels\": [], \"truncated_tokens\": 0}\n");
  // Beams of a model that is not asked for them are not shown.
  CHECK(row_text(*format, sequence_prediction()) == row_text(*format, prediction()));
}

TEST_CASE("classify jsonl: sequences and beams", "[reports][format]") {
  const auto format =
      make_prediction_format(OutputFormat::kJsonl, {.sequence = true, .beams = true});
  const Json row = Json::parse(row_text(*format, sequence_prediction()));
  CHECK(row["sequence"] == Json{"x", "x", "</s>"});
  REQUIRE(row["beams"].size() == 2);
  CHECK(row["beams"][0] ==
        Json{{"ids", {1, 1, 9}}, {"names", {"x", "x", "</s>"}}, {"log_probability", -0.25}});
  CHECK(row["beams"][1]["names"][0] == "a;b\"c");
  const auto best = make_prediction_format(OutputFormat::kJsonl, {.sequence = true});
  const Json short_row = Json::parse(row_text(*best, sequence_prediction()));
  CHECK(short_row.contains("sequence"));
  CHECK_FALSE(short_row.contains("beams"));
}

TEST_CASE("classify csv: lists are quoted inside as CSV fields are", "[reports][format]") {
  const auto format = make_prediction_format(OutputFormat::kCsv, {});
  CHECK(header(*format) == "labels,scores,truncated_tokens\r\n");
  CHECK(row_text(*format, prediction()) == "\"money-fx;\"\"a;b\"\"\"\"c\"\"\",0.75;0.5,3\r\n");
  CHECK(row_text(*format, Prediction{}) == ",,0\r\n");
}

TEST_CASE("classify csv: sequence and error columns where they are asked for",
          "[reports][format]") {
  const auto format =
      make_prediction_format(OutputFormat::kCsv, {.sequence = true, .errors = true});
  CHECK(header(*format) == "labels,scores,truncated_tokens,sequence,error\r\n");
  Prediction result;
  result.beams = {{{1, 2}, {"x", "y,z"}, -1}};
  CHECK(row_text(*format, result) == ",,0,\"x;y,z\",\r\n");
  CHECK(skipped(*format) == ",,,,\"in.csv: line 7: expected 2 fields, found 3\"\r\n");
}

TEST_CASE("classify table: one line a text, the text cut to its columns", "[reports][format]") {
  const auto format = make_prediction_format(OutputFormat::kTable, {.table_width = 40});
  CHECK(header(*format) == "text                  labels\n");
  CHECK(row_text(*format, prediction(), good_row("Wheat exports rose\nas the dollar fell")) ==
        "Wheat exports rose …  money-fx 75%, a;b\"c 50%  (cut by 3 tokens)\n");
  CHECK(row_text(*format, Prediction{}, good_row("小麦")) == "小麦                  -\n");
}

TEST_CASE("scores jsonl: by index, or by name", "[reports][format]") {
  const LabelVocabulary labels({"earn", "say \"hi\""}, "test");
  const auto plain = make_scores_format(OutputFormat::kJsonl, labels, {});
  CHECK(row_text<TextScores>(*plain, {{0.1F, 1.0F}, {}, 0}) == "{\"scores\": [0.1, 1.0]}\n");
  const auto named = make_scores_format(OutputFormat::kJsonl, labels, {.named = true});
  CHECK(row_text<TextScores>(*named, {{0.1F, 1.0F}, {}, 0}) ==
        R"({"scores": {"earn": 0.1, "say \"hi\"": 1.0}})"
        "\n");
}

TEST_CASE("scores csv: a column for every label", "[reports][format]") {
  const LabelVocabulary labels({"earn", "a,b"}, "test");
  const auto format = make_scores_format(OutputFormat::kCsv, labels, {});
  CHECK(header(*format) == "earn,\"a,b\"\r\n");
  CHECK(row_text<TextScores>(*format, {{0.1F, 0.25F}, {}, 0}) == "0.1,0.25\r\n");
  const auto lenient = make_scores_format(OutputFormat::kCsv, labels, {.errors = true});
  CHECK(header(*lenient) == "earn,\"a,b\",error\r\n");
  CHECK(row_text<TextScores>(*lenient, {{0.1F, 0.25F}, {}, 0}) == "0.1,0.25,\r\n");
  CHECK(skipped(*lenient) == ",,\"in.csv: line 7: expected 2 fields, found 3\"\r\n");
}

TEST_CASE("scores table: labels of a text, best first, equals by index", "[reports][format]") {
  const LabelVocabulary labels({"earn", "小麦", "z"}, "test");
  const auto format = make_scores_format(OutputFormat::kTable, labels, {});
  CHECK(row_text<TextScores>(*format, {{0.25F, 0.5F, 0.25F}, {}, 0}, good_row("Wheat", 2)) ==
        "\n2: Wheat\n  小麦  0.5\n  earn  0.25\n  z     0.25\n");
}

TEST_CASE("a skipped row keeps its place in JSONL", "[reports][format]") {
  const LabelVocabulary labels({"earn"}, "test");
  const std::string expected =
      "{\"error\": \"in.csv: line 7: expected 2 fields, found 3\", \"line\": 7}\n";
  CHECK(skipped(*make_prediction_format(OutputFormat::kJsonl, {})) == expected);
  CHECK(skipped(*make_scores_format(OutputFormat::kJsonl, labels, {})) == expected);
}

}  // namespace polytag
