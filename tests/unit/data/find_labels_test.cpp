#include "polytag/data/find_labels.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

using Names = std::vector<std::string>;

FoundLabels find(const std::string& bytes, const RowOptions& rows,
                 const LabelOptions& options = {}) {
  const TemporaryDirectory directory;
  return find_labels({directory.write("in", bytes), rows}, options);
}

const RowOptions kCsv{.format = InputFormat::kCsv};
const RowOptions kJson{.format = InputFormat::kJsonl};

}  // namespace

TEST_CASE("Labels are found in lists, in the order of their first appearance") {
  const auto found = find(R"({"text": "a", "labels": ["oil", "gas"]}
{"text": "b", "labels": []}
{"text": "c", "labels": ["wheat", "oil"]}
)",
                          kJson);
  CHECK(found.labels.names() == Names{"oil", "gas", "wheat"});
}

TEST_CASE("Labels of one string are divided where that leaves the fewest names") {
  const auto found = find("content,label\n甲,价格高/环境好\n乙,环境好\n丙,价格高\n", kCsv);
  CHECK(found.labels.names() == Names{"价格高", "环境好"});
  CHECK(found.options.labels_delimiter == '/');
  const auto whole = find("text,labels\na,New York\nb,Los Angeles\nc,New York\n", kCsv);
  CHECK(whole.labels.names() == Names{"New York", "Los Angeles"});
  CHECK_FALSE(whole.options.labels_delimiter);
}

TEST_CASE("Fields of 0 and 1 are labels where nothing else is") {
  const auto found = find("content,|,互动,价格高\n甲,1,0,0\n1,0,1,1\n丙,0,1,0\n", kCsv);
  CHECK(found.labels.names() == Names{"|", "互动", "价格高"});
  CHECK(found.options.labels_columns == found.labels.names());
}

TEST_CASE("Lines have the labels that fastText reads") {
  const auto found = find("__label__a __label__b text\n__label__c more\n", {});
  CHECK(found.labels.names() == Names{"a", "b", "c"});
}

TEST_CASE("Labels without names need names from elsewhere") {
  CHECK_THROWS_WITH(find(R"({"text": "a", "labels": [0, 1, 0]})", kJson),
                    ContainsSubstring("line 1") && ContainsSubstring("names of labels"));
  CHECK_THROWS_WITH(find("text,other\na,b\n", kCsv), ContainsSubstring("labels_field"));
  CHECK_THROWS_AS(find("", kCsv), Error);
}

}  // namespace polytag
