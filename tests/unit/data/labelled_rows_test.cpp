#include "polytag/data/labelled_rows.hpp"

#include "data/list_literal.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

// The forms in which data sets come; what they mean follows pandas, Python's csv and json, fastText
// and scikit-learn's MultiLabelBinarizer.
namespace polytag {

namespace {

using Indices = std::vector<std::size_t>;

const LabelVocabulary kJigsaw({"toxic", "severe_toxic", "obscene", "threat", "insult",
                               "identity_hate"},
                              "test");

struct Read {
  std::vector<std::string> texts;
  std::vector<Indices> labels;
  std::vector<Indices> missing;
  std::string layout;
  std::map<std::string, std::size_t> unknown;
};

const RowOptions kCsv{.format = InputFormat::kCsv};
const RowOptions kJson{.format = InputFormat::kJson};

/// All rows of a file, none of which may be bad.
Read read(const std::string& bytes, const RowOptions& rows, const LabelOptions& options = {},
          const LabelVocabulary& labels = kJigsaw) {
  const TemporaryDirectory directory;
  LabelledRows source({directory.write("in", bytes), rows}, options, labels);
  Read all;
  LabelledRow row;
  while (source.next(row)) {
    if (row.row.error) throw *row.row.error;
    all.texts.push_back(row.row.text);
    all.labels.push_back(row.labels);
    all.missing.push_back(row.missing);
  }
  all.layout = source.layout();
  all.unknown = source.unknown_labels();
  return all;
}

LabelOptions in_format(LabelFormat format) {
  LabelOptions options;
  options.labels_format = format;
  return options;
}

LabelOptions in_columns(std::vector<std::string> columns) {
  LabelOptions options;
  options.labels_columns = std::move(columns);
  return options;
}

}  // namespace

TEST_CASE("labelled rows: lists of names, of indices and of 0 and 1", "[data][labels]") {
  const std::vector<Indices> expected{{0, 4}, {}, {3}};
  for (const std::string json : {"{\"text\": \"a\", \"labels\": [\"insult\", \"toxic\"]}\n"
                                 "{\"text\": \"b\", \"labels\": []}\n"
                                 "{\"text\": \"c\", \"labels\": [\"threat\"]}",
                                 "{\"text\": \"a\", \"labels\": [4, 0]}\n"
                                 "{\"text\": \"b\", \"labels\": []}\n"
                                 "{\"text\": \"c\", \"labels\": [3]}",
                                 "{\"text\": \"a\", \"labels\": [1, 0, 0, 0, 1, 0]}\n"
                                 "{\"text\": \"b\", \"labels\": [0, 0, 0, 0, 0, 0]}\n"
                                 "{\"text\": \"c\", \"labels\": [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]}",
                                 "{\"text\": \"a\", \"labels\": [true, false, false, false, true, "
                                 "false]}\n{\"text\": \"b\", \"labels\": null}\n"
                                 "{\"text\": \"c\", \"labels\": [0, 0, 0, 1, 0, 0]}",
                                 "{\"text\": \"a\", \"labels\": [\"0\", \"4\"]}\n"
                                 "{\"text\": \"b\", \"labels\": NaN}\n"
                                 "{\"text\": \"c\", \"labels\": \"3\"}"}) {
    INFO(json);
    const Read all = read(json, kJson);
    CHECK(all.texts == std::vector<std::string>{"a", "b", "c"});
    CHECK(all.labels == expected);
  }
}

TEST_CASE("labelled rows: what is guessed is said", "[data][labels]") {
  CHECK(read(R"({"text": "a", "labels": [0, 4]})", kJson).layout ==
        R"(labels: indices in "labels"; text: "text")");
  CHECK(read("comment_text,label\na,toxic\nb,toxic|insult\n", kCsv).layout ==
        R"(labels: names with '|' between them in "label"; text: "comment_text")");
  CHECK(read("text,toxic,insult\na,1,0\n", kCsv).layout ==
        "labels: 0/1 in \"toxic\", \"insult\" (nothing says \"severe_toxic\", \"obscene\", "
        "\"threat\", \"identity_hate\"); text: \"text\"");
}

TEST_CASE("labelled rows: several labels in one string, whatever is between them",
          "[data][labels]") {
  for (const std::string delimiter : {";", ",", "|", " ", "\t", "/", ", ", " | "}) {
    INFO(delimiter);
    const Read all = read("text,labels\na,\"insult" + delimiter + "toxic\"\nb,\nc,threat\n", kCsv);
    CHECK(all.labels == std::vector<Indices>{{0, 4}, {}, {3}});
  }
  CHECK(read("{\"text\": \"a\", \"labels\": \"toxic,insult\"}\n{\"text\": \"b\", \"labels\": \"\"}",
             kJson)
            .labels == std::vector<Indices>{{0, 4}, {}});
}

TEST_CASE("labelled rows: GoEmotions' rows, label numbers between commas", "[data][labels]") {
  std::vector<std::string> names;
  for (int i = 0; i < 28; ++i) names.push_back("emotion " + std::to_string(i));
  const LabelVocabulary labels(names, "test");
  RowOptions rows{.format = InputFormat::kCsv, .delimiter = '\t', .header = false};
  rows.text_field = "1";
  LabelOptions options;
  options.labels_field = "2";
  const Read all =
      read("My favourite food\t27\teebbqej\nNow if he\t3,5\ted00q6i\n", rows, options, labels);
  CHECK(all.texts == std::vector<std::string>{"My favourite food", "Now if he"});
  CHECK(all.labels == std::vector<Indices>{{27}, {3, 5}});
}

TEST_CASE("labelled rows: lists that a CSV cell holds as Python writes them", "[data][labels]") {
  const LabelVocabulary labels({"it's", "b", "say \"x\""}, "test");
  const Read all = read("text,labels\na,\"[\"\"it's\"\", 'b']\"\nb,\"['say \"\"x\"\"']\"\nc,[]\n",
                        kCsv, {}, labels);
  CHECK(all.labels == std::vector<Indices>{{0, 1}, {2}, {}});
  CHECK(read("text,labels\na,\"[0, 2]\"\nb,[1]\n", kCsv, {}, labels).labels ==
        std::vector<Indices>{{0, 2}, {1}});
  // NumPy's arrays, of which pandas writes no commas.
  CHECK(read("text,labels\na,[0 1 0]\nb,[0. 1. 1.]\n", kCsv, {}, labels).labels ==
        std::vector<Indices>{{1}, {1, 2}});
}

TEST_CASE("labelled rows: list literals of Python, NumPy and JSON", "[data][labels]") {
  const auto items = [](std::string_view text) {
    const auto parsed = parse_list_literal(text);
    if (!parsed) return std::string("none");
    std::string all;
    for (const FieldValue& item : *parsed) {
      all += std::string(name_of(item.kind)) + ' ' + item.text + ';';
    }
    return all;
  };
  CHECK(items("['a', \"b\"]") == "a string a;a string b;");
  CHECK(items("{'a'}") == "a string a;");
  CHECK(items("('a',)") == "a string a;");
  CHECK(items(R"(["it's \\ \n \xe9 \u20ac"])") == "a string it's \\ \n é €;");
  CHECK(items("[0, 3]") == "a number 0;a number 3;");
  CHECK(items("[0 1\n 0]") == "a number 0;a number 1;a number 0;");
  CHECK(items("[True, None, nan, 1.]") == "a boolean true;null None;NaN nan;a number 1;");
  CHECK(items("[]").empty());
  for (const char* none :
       {"", "a", "[", "[a]", "['a'", "['a]", "[1] x", "[[1]]", "['\\q']", "[1,,2]"}) {
    INFO(none);
    CHECK(items(none) == "none");
  }
}

TEST_CASE("labelled rows: 0/1 columns, quoted texts over lines", "[data][labels]") {
  const Read all = read(
      "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate\r\n"
      "000a,\"A question\nabout it\",0,0,0,0,0,0\r\n000b,\"\"\"you\"\"\n\n:idiot\",1,0,1,0,1,0\r\n",
      kCsv);
  CHECK(all.texts == std::vector<std::string>{"A question\nabout it", "\"you\"\n\n:idiot"});
  CHECK(all.labels == std::vector<Indices>{{}, {0, 2, 4}});
  CHECK(read("{\"text\": \"good\", \"toxic\": 1, \"insult\": false}\n"
             "{\"insult\": 1.0, \"toxic\": 0, \"text\": \"bad\"}",
             kJson)
            .labels == std::vector<Indices>{{0}, {4}});
  CHECK(read("text,toxic,threat\na,True,False\nb,0.0,1.0\n", kCsv).labels ==
        std::vector<Indices>{{0}, {3}});
  CHECK(read("text,toxic,spam\na,1,1\n", kCsv, in_columns({"toxic", "spam"})).unknown ==
        std::map<std::string, std::size_t>{{"spam", 1}});
}

TEST_CASE("labelled rows: a value that is missing is neither 0 nor 1", "[data][labels]") {
  const Read all = read("text,toxic,threat\na,1,-1\nb,,0\nc,nan,NA\nd,0,1\n", kCsv);
  CHECK(all.labels == std::vector<Indices>{{0}, {}, {}, {3}});
  CHECK(all.missing == std::vector<Indices>{{3}, {0}, {0, 3}, {}});
  CHECK(read(R"({"text": "a", "labels": [1, 0, NaN, null, 0, -1]})", kJson).missing ==
        std::vector<Indices>{{2, 3, 5}});
}

TEST_CASE("labelled rows: fastText's lines", "[data][labels]") {
  const Read all = read(
      "__label__toxic __label__insult some  text\n\nno label\nlast __label__threat words\n", {});
  CHECK(all.texts == std::vector<std::string>{"some  text", "", "no label", "last words"});
  CHECK(all.labels == std::vector<Indices>{{0, 4}, {}, {}, {3}});
  CHECK(read("__label__0 a\n__label__5 b\n", {}).labels == std::vector<Indices>{{0}, {5}});
  CHECK_THROWS_WITH(read("no labels\nanywhere\n", {}), ContainsSubstring("__label__NAME"));
}

TEST_CASE("labelled rows: one name or number for each row", "[data][labels]") {
  CHECK(read("text,label\na,insult\nb,toxic\n", kCsv).labels == std::vector<Indices>{{4}, {0}});
  // pandas makes floats of whole numbers beside a missing one.
  CHECK(read("text,label\na,3.0\nb,\n", kCsv).labels == std::vector<Indices>{{3}, {}});
  CHECK(read("{\"text\": \"a\", \"label\": 5}\n{\"text\": \"b\", \"label\": null}", kJson).labels ==
        std::vector<Indices>{{5}, {}});
}

TEST_CASE("labelled rows: one label that is true or not", "[data][labels]") {
  const LabelVocabulary one({"spam"}, "test");
  CHECK(read("text,label\na,1\nb,0\n", kCsv, {}, one).labels == std::vector<Indices>{{0}, {}});
  CHECK_THROWS_WITH(read("text,label\na,0\nb,0\n", kCsv, {}, one),
                    ContainsSubstring("(labels_format)"));
}

TEST_CASE("labelled rows: unknown labels are left out and counted, or errors", "[data][labels]") {
  const std::string json =
      "{\"text\": \"a\", \"labels\": [\"toxic\", \"spam\"]}\n"
      "{\"text\": \"b\", \"labels\": [\"spam\", \"toxic\", \"spam\", \"ham\"]}";
  const Read all = read(json, kJson);
  CHECK(all.labels == std::vector<Indices>{{0}, {0}});
  CHECK(all.unknown == std::map<std::string, std::size_t>{{"ham", 1}, {"spam", 2}});
  LabelOptions strict;
  strict.unknown_labels = UnknownLabels::kError;
  CHECK_THROWS_WITH(read(json, kJson, strict),
                    ContainsSubstring("in: line 1: expected labels of the model (unknown_labels), "
                                      "found \"spam\""));
  CHECK_THROWS_WITH(
      read(R"({"text": "a", "labels": ["Toxic"]})", kJson),
      ContainsSubstring("(is \"toxic\" meant?)") && ContainsSubstring("labels_format"));
  // An index of another model is never left out in silence.
  CHECK_THROWS_AS(read(R"({"text": "a", "labels": [0, 27]})", kJson), FormatError);
}

TEST_CASE("labelled rows: names that are numbers", "[data][labels]") {
  // As indices they would be other labels: stars from 1 to 5.
  const LabelVocabulary stars({"1", "2", "3", "4", "5"}, "test");
  const std::string csv = "text,label\na,3\nb,4\n";
  CHECK_THROWS_WITH(
      read(csv, kCsv, {}, stars),
      ContainsSubstring("names or indices, as in line 2") && ContainsSubstring("(labels_format)"));
  CHECK(read(csv, kCsv, in_format(LabelFormat::kNames), stars).labels ==
        std::vector<Indices>{{2}, {3}});
  CHECK(read(csv, kCsv, in_format(LabelFormat::kIndices), stars).labels ==
        std::vector<Indices>{{3}, {4}});
  // 5 is a name and no index.
  CHECK(read("text,label\na,5\nb,4\n", kCsv, {}, stars).labels == std::vector<Indices>{{4}, {3}});
  // Where each number is the name of its own label, both readings are one.
  const LabelVocabulary own({"0", "1", "2"}, "test");
  CHECK(read("{\"text\": \"a\", \"labels\": [0, 2]}\n{\"text\": \"b\", \"labels\": [\"1\"]}", kJson,
             {}, own)
            .labels == std::vector<Indices>{{0, 2}, {1}});
}

TEST_CASE("labelled rows: two labels, and lists that are indices as well as a vector",
          "[data][labels]") {
  const LabelVocabulary two({"ham", "spam"}, "test");
  const std::string json = "{\"text\": \"a\", \"labels\": [0, 1]}\n";
  CHECK_THROWS_WITH(read(json, kJson, {}, two), ContainsSubstring("indices or 0/1 vectors"));
  CHECK(read(json, kJson, in_format(LabelFormat::kVector), two).labels ==
        std::vector<Indices>{{1}});
  CHECK(read(json + R"({"text": "b", "labels": [1, 1]})", kJson, {}, two).labels ==
        std::vector<Indices>{{1}, {0, 1}});
  CHECK(read(json + R"({"text": "b", "labels": [1]})", kJson, {}, two).labels ==
        std::vector<Indices>{{0, 1}, {1}});
}

TEST_CASE("labelled rows: a label whose name has a delimiter in it", "[data][labels]") {
  const LabelVocabulary labels({"bread, fresh", "milk", "bread", "fresh"}, "test");
  CHECK(read("text,labels\na,\"milk;bread, fresh\"\n", kCsv, {}, labels).labels ==
        std::vector<Indices>{{0, 1}});
  CHECK(read("text,labels\na,\"bread, fresh\"\n", kCsv, {}, labels).labels ==
        std::vector<Indices>{{0}});
  LabelOptions commas;
  commas.labels_delimiter = ',';
  CHECK_THROWS_WITH(read("text,labels\na,\"bread, fresh\"\n", kCsv, commas, labels),
                    ContainsSubstring("labels_delimiter"));
  const LabelVocabulary words({"severe toxic", "toxic"}, "test");
  CHECK(read("text,labels\na,severe toxic\nb,toxic\n", kCsv, {}, words).labels ==
        std::vector<Indices>{{0}, {1}});
}

TEST_CASE("labelled rows: first rows without labels say nothing of their form", "[data][labels]") {
  CHECK(read(R"({"text": "a", "labels": []})", kJson).labels == std::vector<Indices>{{}});
  CHECK(read("text,labels\na,[]\nb,\n", kCsv).labels == std::vector<Indices>{{}, {}});
  CHECK(
      read("{\"text\": \"a\", \"labels\": []}\n{\"text\": \"b\", \"labels\": [2]}", kJson).labels ==
      std::vector<Indices>{{}, {2}});
}

TEST_CASE("labelled rows: what the first rows do not show is an error where it comes",
          "[data][labels]") {
  std::string rows = "text,labels\n";
  for (int i = 0; i < 1500; ++i) rows += "a,toxic\n";
  CHECK(read(rows, kCsv).labels.size() == 1500);
  CHECK_THROWS_WITH(read(rows + "b,toxic;insult\n", kCsv),
                    ContainsSubstring("line 1502") && ContainsSubstring("labels_delimiter"));
  CHECK_THROWS_WITH(read(rows + "b,\"[0, 1]\"\n", kCsv), ContainsSubstring("(labels_format)"));
  LabelOptions semicolons;
  semicolons.labels_delimiter = ';';
  CHECK(read(rows + "b,toxic;insult\n", kCsv, semicolons).labels.back() == Indices{0, 4});
}

TEST_CASE("labelled rows: fields that cannot be told are asked for", "[data][labels]") {
  CHECK_THROWS_WITH(read(R"({"text": "a"})", kJson),
                    ContainsSubstring("(labels_field)") && ContainsSubstring("(labels_columns)"));
  CHECK_THROWS_WITH(read("title,abstract,body,label\na,b,c,toxic\n", kCsv),
                    ContainsSubstring("(text_field)"));
  CHECK_THROWS_WITH(read("text,label,labels\na,toxic,toxic\n", kCsv),
                    ContainsSubstring("(labels_field, labels_columns)"));
  CHECK_THROWS_WITH(read("the pie is good,27,x1\nyou,3,x2\n", kCsv), ContainsSubstring("(header)"));
  CHECK_THROWS_WITH(read("text,toxic\na,0.7\n", kCsv, in_columns({"toxic"})),
                    ContainsSubstring("0 or 1 in \"toxic\", found \"0.7\""));
  LabelOptions both = in_columns({"y"});
  both.labels_field = "x";
  CHECK_THROWS_AS(read("text\na\n", kCsv, both), ArgumentError);
}

TEST_CASE("labelled rows: arrays, encodings and pairs are read as other rows are",
          "[data][labels]") {
  RowOptions pairs = kJson;
  pairs.pair_field = "other";
  CHECK(read(R"([{"text": "a", "other": "b", "labels": [0]}])", pairs).labels ==
        std::vector<Indices>{{0}});
  RowOptions latin = kCsv;
  latin.encoding = TextEncoding::kLatin1;
  CHECK(read("text,label\ncaf\xE9,toxic\n", latin).texts == std::vector<std::string>{"café"});
}

}  // namespace polytag
