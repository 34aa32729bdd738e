#include "reports/conversion_report.hpp"

#include "support/catch.hpp"

using namespace polytag;
using namespace polytag;

TEST_CASE("conversion_report: says what was found, what became what, and what was left out",
          "[reports][convert]") {
  const ConversionReport report{
      .checkpoint = "program/model.ckpt.index",
      .config = "program/albert_config.json",
      .vocabulary = "program/vocab.txt",
      .labels = {},
      .naming = "TensorFlow's ALBERT in scope bert/",
      .model_type = "albert",
      .head = "cls_dense",
      .converted =
          {{"bert/pooler/dense/kernel", "albert.pooler.weight", {4, 2}, {2, 4}, "transposed"},
           {"output_bias", "classifier.bias", {3}, {3}, ""}},
      .left_out = {{"global_step", "counter of training steps"}},
      .notes = {"Texts are lower-cased before they are looked up."}};
  CHECK(conversion_table(report, "models/reviews") ==
        "checkpoint  program/model.ckpt.index\n"
        "config      program/albert_config.json\n"
        "vocabulary  program/vocab.txt\n"
        "names       TensorFlow's ALBERT in scope bert/\n"
        "encoder     albert\n"
        "head        cls_dense\n"
        "\n"
        "  bert/pooler/dense/kernel  ->  albert.pooler.weight  [2, 4], transposed\n"
        "  output_bias               ->  classifier.bias       [3]\n"
        "\n"
        "Left out:\n"
        "  global_step  counter of training steps\n"
        "\n"
        "Notes:\n"
        "  Texts are lower-cased before they are looked up.\n"
        "\n"
        "models/reviews: 2 tensors converted, 1 left out\n");
}

TEST_CASE("conversion_report: leaves out what does not apply, and cleans names",
          "[reports][convert]") {
  ConversionReport report;
  report.naming = "Hugging Face's names";
  report.model_type = "bert";
  report.converted = {{"a\x1b[2J", "b", {1}, {1}, ""}};
  const std::string table = conversion_table(report, "out");
  CHECK(table.find('\x1b') == std::string::npos);
  CHECK(table.find("Left out") == std::string::npos);
  CHECK(table.find("Notes") == std::string::npos);
  CHECK_THAT(table, ContainsSubstring("head        none\n"));
}
