#include "convert/origins/hyperparameters.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

TEST_CASE("hyperparameters: assignments of a Python class", "[convert]") {
  const TemporaryDirectory directory;
  const Hyperparameters read(directory.write("hyperparameters.py",
                                             "import os\n"
                                             "class Hyperparamters:\r\n"
                                             "    # beam_size = 7\n"
                                             "    beam_size = 3  # was 5\r\n"
                                             "    is_beam_search=False\n"
                                             "    filter_sizes = [2, 3,4, ]\n"
                                             "    bert_path = os.path.join(pwd, model)\n"
                                             "    sequence_length = 60\n"
                                             "    sequence_length = 61\n"));
  CHECK(read.size("beam_size", 5) == 3);
  CHECK(read.size("sequence_length", 1) == 61);
  CHECK(read.size("max_length", 5) == 5);
  CHECK_FALSE(read.boolean("is_beam_search", true));
  CHECK(read.boolean("do_lower_case", true));
  CHECK(read.sizes("filter_sizes") == std::vector<std::size_t>{2, 3, 4});
  CHECK(read.sizes("absent").empty());
  CHECK_THROWS_WITH(read.size("bert_path", 1),
                    ContainsSubstring("bert_path: expected a whole number, found os.path.join"));
  CHECK_THROWS_AS(read.boolean("beam_size", true), FormatError);
  CHECK_THROWS_AS(read.sizes("beam_size"), FormatError);
}

TEST_CASE("hyperparameters: the same as JSON", "[convert]") {
  const TemporaryDirectory directory;
  const Hyperparameters read(directory.write(
      "h.json",
      R"({"beam_size": 3, "is_beam_search": false, "filter_sizes": [2, 3], "rate": -1})"));
  CHECK(read.size("beam_size", 5) == 3);
  CHECK_FALSE(read.boolean("is_beam_search", true));
  CHECK(read.sizes("filter_sizes") == std::vector<std::size_t>{2, 3});
  CHECK_THROWS_AS(read.size("rate", 1), FormatError);
  CHECK_THROWS_AS(Hyperparameters(directory.write("l.json", "[]")), FormatError);
  CHECK_THROWS_AS(Hyperparameters(directory.path() / "absent.py"), IoError);
}

TEST_CASE("hyperparameters: numbers beyond any size are refused", "[convert]") {
  const TemporaryDirectory directory;
  const Hyperparameters read(
      directory.write("h.py", "a = 99999999999999999999\nb = 5 or 6\nc =\n"));
  CHECK_THROWS_AS(read.size("a", 1), FormatError);
  CHECK_THROWS_AS(read.size("b", 1), FormatError);
  CHECK_THROWS_AS(read.size("c", 1), FormatError);
}
