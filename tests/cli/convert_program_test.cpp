#include <filesystem>
#include <string>

#include "program.hpp"
#include "support/catch.hpp"

// `convert` as users run it.
namespace polytag::cli {

TEST_CASE("convert: errors name the options of the command line", "[cli][convert]") {
  start_with_examples();
  const Outcome vocabulary = sh("rm model/vocab.txt; $polytag convert model -o made");
  CHECK(vocabulary.exit_code == 3);
  CHECK_THAT(vocabulary.err, ContainsSubstring("(--vocab names it)"));
  CHECK(vocabulary.err.find("ConvertOptions") == std::string::npos);
  start_with_examples();
  const Outcome rename = sh("$polytag convert model -o made --rename absent=classifier");
  CHECK(rename.exit_code == 2);
  CHECK_THAT(rename.err, ContainsSubstring("polytag: --rename: expected a pattern that matches"));
  const Outcome form = sh("$polytag convert model -o made --rename classifier");
  CHECK(form.exit_code == 2);
  CHECK_THAT(form.err, ContainsSubstring("--rename: expected PATTERN=NAME"));
  const Outcome prefix = sh("$polytag convert model -o made --encoder-prefix absent");
  CHECK(prefix.exit_code == 2);
  CHECK_THAT(prefix.err, ContainsSubstring("polytag: --encoder-prefix: expected what names"));
}

TEST_CASE("convert: tensors are renamed as often as the option is given", "[cli][convert]") {
  start_with_examples();
  REQUIRE(
      sh("$polytag convert model -o there --rename 'classifier=a' --rename 'a=b' -q").exit_code ==
      2);  // nothing is named a
  const Outcome twice =
      sh("$polytag convert model -o there --rename classifier.weight=classifier.weight "
         "--rename classifier.bias=classifier.bias -q");
  CHECK(twice.exit_code == 0);
  CHECK(twice.out.empty());
  const std::string scores = sh("$polytag scores model 'wheat and oil'").out;
  CHECK_FALSE(scores.empty());
  CHECK(sh("$polytag scores there 'wheat and oil'").out == scores);
}

}  // namespace polytag::cli
