#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "program.hpp"
#include "support/catch.hpp"

// --resume as users meet it. tests/faults/interrupted_runs.py does the same at random, for long.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

const std::string kTokenize = "$polytag tokenize model --input in.csv --output out.csv ";
/// The shell of a full disk: files end at 64 KiB, and writing beyond is an error.
const std::string kFullDisk = "trap '' XFSZ; ulimit -f 128; ";

/// A model without weights, an input whose rows have several lines, and out.csv's right bytes.
void start_afresh() {
  start_with_tokenizer();
  std::ofstream input(scratch() + "in.csv");
  input << "id,text\n";
  for (int i = 0; i < 6000; ++i) {
    input << i << ",\"wheat\n" << std::string(static_cast<std::size_t>(i % 7), ',') << "corn\"\n";
    if (i % 1000 == 999) input << "a bad row\n";
  }
  input.close();
  REQUIRE(sh(kTokenize + "--keep-going --quiet").exit_code == 5);
  fs::rename(scratch() + "out.csv", scratch() + "right.csv");
}

std::set<std::string> partial_files() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(scratch())) {
    const std::string name = entry.path().filename();
    if (name.starts_with("out.csv")) names.insert(name);
  }
  return names;
}

}  // namespace

TEST_CASE("resume: a run that found the disk full continues to the same bytes", "[cli][resume]") {
  start_afresh();
  const Outcome full = sh(kFullDisk + kTokenize + "--keep-going --resume");
  CHECK(full.exit_code == 3);
  CHECK_THAT(full.err, ContainsSubstring("rows are done and kept in"));
  CHECK_THAT(full.err, ContainsSubstring("File too large"));
  CHECK(partial_files() == std::set<std::string>{"out.csv.partial", "out.csv.partial.journal"});

  const Outcome rest = sh(kTokenize + "--keep-going --resume");
  CHECK(rest.exit_code == 5);
  CHECK_THAT(rest.err, ContainsSubstring("going on behind row "));
  CHECK_THAT(rest.err, ContainsSubstring("6 of 6006 rows skipped"));
  CHECK(partial_files() == std::set<std::string>{"out.csv"});
  CHECK(read("out.csv") == read("right.csv"));
}

TEST_CASE("resume: killed at any moment, a run continues to the same bytes", "[cli][resume]") {
  start_afresh();
  const std::vector<std::string> arguments{"tokenize",     scratch() + "model",
                                           "--input",      scratch() + "in.csv",
                                           "--output",     scratch() + "out.csv",
                                           "--keep-going", "--resume",
                                           "--threads",    "1"};
  for (int trial = 0; trial < 12; ++trial) {
    for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
      RunningProgram program(arguments);
      std::this_thread::sleep_for(std::chrono::milliseconds(2 + 5 * trial));
      program.send(signal);
      const int code = program.wait();
      CHECK((code == -signal || code == 128 + signal || code == 5));
      // A signal may still come when the output has its name; it is whole then.
      const bool is_there = partial_files().contains("out.csv");
      CHECK((is_there || code != 5));
      if (is_there) CHECK(read("out.csv") == read("right.csv"));
      fs::remove(scratch() + "out.csv");
    }
    CHECK(RunningProgram(arguments).wait() == 5);
    CHECK(read("out.csv") == read("right.csv"));
    CHECK(partial_files() == std::set<std::string>{"out.csv"});
    fs::remove(scratch() + "out.csv");
  }
}

TEST_CASE("resume: another input, model or option is refused, and the message says which",
          "[cli][resume]") {
  start_afresh();
  REQUIRE(sh(kFullDisk + kTokenize + "--keep-going --resume").exit_code == 3);
  CHECK(sh(kFullDisk + kTokenize + "--keep-going --resume").exit_code == 3);  // still full
  const std::string kept = read("out.csv.partial");

  const Outcome option = sh(kTokenize + "--resume");
  CHECK(option.exit_code == 2);
  CHECK_THAT(option.err, ContainsSubstring("--keep-going as in the run to go on with"));
  const Outcome other = sh(kTokenize + "--keep-going --resume --no-special-tokens");
  CHECK_THAT(other.err, ContainsSubstring("--no-special-tokens"));
  // What changes no result may differ.
  CHECK(sh(kFullDisk + kTokenize + "--keep-going --resume --threads 1 --quiet").exit_code == 3);

  std::ofstream(scratch() + "model/vocab.txt", std::ios::app) << "oil\n";
  const Outcome model = sh(kTokenize + "--keep-going --resume");
  CHECK(model.exit_code == 2);
  CHECK_THAT(model.err, ContainsSubstring("vocab.txt as in the run to go on with"));
  std::ofstream(scratch() + "model/vocab.txt")
      << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwheat\ncorn\n,\n";

  const std::string input = read("in.csv");
  std::ofstream(scratch() + "in.csv") << "id,text\n0,\"CORN\n" + input.substr(input.find("corn"));
  const Outcome rows = sh(kTokenize + "--keep-going --resume");
  CHECK(rows.exit_code == 4);
  CHECK_THAT(rows.err, ContainsSubstring("rows that were done before the interruption"));
  // But for a torn end, nothing is lost.
  CHECK(kept.starts_with(read("out.csv.partial")));
  CHECK(read("out.csv.partial").size() > kept.size() / 4);
  std::ofstream(scratch() + "in.csv") << input;
  CHECK(sh(kTokenize + "--keep-going --resume").exit_code == 5);
  CHECK(read("out.csv") == read("right.csv"));
}

TEST_CASE("resume: what cannot be continued is refused from the start", "[cli][resume]") {
  start_afresh();
  const std::string command = "$polytag tokenize model --resume ";
  CHECK(sh(command + "--input in.csv").exit_code == 2);
  CHECK(sh(command + "--input in.csv --output /dev/null").exit_code == 2);
  const Outcome pipe = sh("echo wheat | " + command + "--output out.csv");
  CHECK(pipe.exit_code == 2);
  CHECK_THAT(pipe.err, ContainsSubstring("--input with files, which can be read again"));
  CHECK(partial_files().empty());
}

TEST_CASE("program: an input that is cut while it is read is an error", "[cli][faults]") {
  start_afresh();
  // The reader of the output holds the program back until the rest of the input is gone.
  std::ofstream(scratch() + "long.txt") << std::string(3'000'000, '\n');
  const Outcome outcome =
      sh("mkfifo sink; $polytag tokenize model --input long.txt >sink & pid=$!\n"
         "exec 3<sink; read line <&3; : >long.txt; cat <&3 >rest; wait $pid");
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("it was cut from 3000000 bytes to 0"));
}

TEST_CASE("program: an input that cannot be read leaves no output", "[cli][faults]") {
  start_afresh();
  // A directory, and a file that opens but fails to be read.
  for (const char* input : {"model", "/proc/self/mem"}) {
    if (!fs::exists(input) && !fs::exists(scratch() + input)) continue;
    const Outcome outcome =
        sh(std::string("$polytag tokenize model --output out.csv --input ") + input);
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("cannot read"));
    CHECK(partial_files().empty());
  }
}

}  // namespace polytag::cli
