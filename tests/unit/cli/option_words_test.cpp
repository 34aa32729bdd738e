#include "cli/option_words.hpp"

#include "support/catch.hpp"

using polytag::cli::with_option_words;

TEST_CASE("option_words: fields of options become the options that set them", "[cli]") {
  CHECK(with_option_words(
            "x: no such file; needed for the labels (ConvertOptions::labels names it)") ==
        "x: no such file; needed for the labels (--labels names it)");
  CHECK(with_option_words("ConvertOptions::renames a=b, ConvertOptions::renames c=d") ==
        "--rename a=b, --rename c=d");
  CHECK(with_option_words("labels, ConvertOptions::unknown") == "labels, ConvertOptions::unknown");
  CHECK(with_option_words("").empty());
}
