#include "program.hpp"

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "support/catch.hpp"

// The program as a whole, mostly through `tokenize`, which needs no weights and goes the same way
// from the input to the output as the commands that do.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

std::set<std::string> files() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(scratch())) {
    names.insert(entry.path().filename());
  }
  return names;
}

const std::string kWheat = "{\"tokens\": [\"wheat\"], \"ids\": [5], \"offsets\": [[0, 5]]}\n";
const std::string kCorn = "{\"tokens\": [\"corn\"], \"ids\": [6], \"offsets\": [[0, 4]]}\n";
const std::string kTokenize = "$polytag tokenize model --no-special-tokens ";

}  // namespace

TEST_CASE("program: help of every command exits with 0 and shows an example", "[cli][program]") {
  const Outcome all = sh("$polytag --help");
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.out, ContainsSubstring("Exit codes"));
  for (const char* command : {"classify", "scores", "tokenize", "inspect", "evaluate", "tune",
                              "bench", "convert", "quantize"}) {
    CHECK_THAT(all.out, ContainsSubstring(command));
    const Outcome help = sh(std::string("$polytag ") + command + " --help");
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.out, ContainsSubstring(std::string("  polytag ") + command + " "));
    CHECK(help.err.empty());
  }
  CHECK_THAT(sh("$polytag --version").out, ContainsSubstring("polytag 0."));
}

TEST_CASE("program: a wrong command line exits with 2 and says what there is", "[cli][program]") {
  start_with_tokenizer();
  CHECK(sh("$polytag").exit_code == 2);
  const Outcome unknown = sh("$polytag tokenise model x");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("no command \"tokenise\"; there are:"));
  CHECK_THAT(unknown.err, ContainsSubstring("tokenize"));
  CHECK(sh("$polytag tokenize").exit_code == 2);
  CHECK(sh("$polytag tokenize model --no-such-option x").exit_code == 2);
  CHECK(sh(kTokenize + "--format xml x").exit_code == 2);
  CHECK(sh(kTokenize + "--input x --text-field a --text-column b").exit_code == 2);
  CHECK(sh("$polytag classify model --top-k 0 x").err ==
        "polytag: --top-k: expected a whole number of at least 1, found \"0\"\n"
        "polytag classify --help says more\n");
  CHECK_THAT(sh("$polytag classify model --threshold 2 x").err,
             ContainsSubstring("--threshold: expected a number from 0 to 1, found \"2\""));
}

TEST_CASE("program: texts come as arguments, lines, JSONL or CSV", "[cli][program]") {
  start_with_tokenizer();
  CHECK(sh(kTokenize + "wheat corn").out == kWheat + kCorn);
  CHECK(sh("printf 'wheat\\ncorn' | " + kTokenize).out == kWheat + kCorn);
  CHECK(sh("printf 'wheat\\r\\ncorn\\r\\n' | " + kTokenize + "--input -").out == kWheat + kCorn);
  CHECK(sh("printf '{\"body\": \"wheat\"}\\n' | " + kTokenize + "--text-field body").out == kWheat);
  write("texts.csv", "\xEF\xBB\xBFtext,id\r\n\"wheat\",1\r\ncorn,2\r\n");
  CHECK(sh(kTokenize + "--input texts.csv").out == kWheat + kCorn);
  write("texts.jsonl", "{\"text\": \"corn\"}\n");
  CHECK(sh(kTokenize + "--input texts.csv --input texts.jsonl").out == kWheat + kCorn + kCorn);
  CHECK(sh(": | " + kTokenize).out.empty());
}

TEST_CASE("program: tabs, arrays and encodings, by name or option", "[cli][program]") {
  start_with_tokenizer();
  write("texts.tsv", "text\tid\nwheat\t1\ncorn\t2\n");
  CHECK(sh(kTokenize + "--input texts.tsv").out == kWheat + kCorn);
  write("rows.tsv", "wheat\t27\tx1\ncorn\t3,5\tx2\n");
  CHECK(sh(kTokenize + "--input rows.tsv --no-header --text-column 1").out == kWheat + kCorn);
  const Outcome header = sh(kTokenize + "--input rows.tsv");
  CHECK(header.exit_code == 4);
  CHECK_THAT(header.err, ContainsSubstring("(--text-field), or no header (--no-header)"));
  write("texts.json", "[\n {\n  \"text\": \"wheat\"\n },\n {\"text\": \"corn\"}\n]");
  CHECK(sh(kTokenize + "--input texts.json").out == kWheat + kCorn);
  write("utf16.txt", std::string("\xFF\xFEw\0h\0e\0a\0t\0", 12));
  CHECK(sh(kTokenize + "--input utf16.txt").out == kWheat);
  write("latin1.txt", "wheat\ncaf\xE9\n");
  const Outcome latin = sh(kTokenize + "--input latin1.txt");
  CHECK(latin.exit_code == 4);
  CHECK(latin.out == kWheat);
  CHECK_THAT(latin.err,
             ContainsSubstring("byte 0xE9 at byte 9") && ContainsSubstring("(--encoding)"));
  CHECK(sh(kTokenize + "--input latin1.txt --encoding latin-1").exit_code == 0);
}

TEST_CASE("program: what goes to no terminal is JSONL, a file's name may say otherwise",
          "[cli][program]") {
  start_with_tokenizer();
  CHECK(sh(kTokenize + "wheat --output o.csv && cat o.csv").out ==
        "row,token,id,begin,end,token_type_id\r\n1,wheat,5,0,5,0\r\n");
  CHECK(sh(kTokenize + "wheat --format table").out == "wheat  5      0-5\n");
  CHECK(sh(kTokenize + "wheat --output o.txt && cat o.txt").out == kWheat);
  CHECK(files() == std::set<std::string>{"model", "o.csv", "o.txt"});
}

TEST_CASE("program: a bad row ends the run, names its line and leaves no file", "[cli][program]") {
  start_with_tokenizer();
  write("in.jsonl", "{\"text\": \"wheat\"}\n{\"txt\": \"corn\"}\n{\"text\": \"corn\"}\n");
  const Outcome to_pipe = sh(kTokenize + "--input in.jsonl");
  CHECK(to_pipe.exit_code == 4);
  CHECK(to_pipe.out == kWheat);
  CHECK_THAT(to_pipe.err, ContainsSubstring("in.jsonl: line 2: expected a field \"text\""));
  CHECK_THAT(to_pipe.err, ContainsSubstring("found \"txt\""));
  CHECK(sh(kTokenize + "--input in.jsonl --output o").exit_code == 4);
  CHECK(files() == std::set<std::string>{"model", "in.jsonl"});
}

TEST_CASE("program: --keep-going skips bad rows, in their place, and says so", "[cli][program]") {
  start_with_tokenizer();
  write("in.csv", "id,text\n1,wheat\n2\n3,corn\n");
  const Outcome outcome = sh(kTokenize + "--input in.csv --keep-going --output o; echo $?; cat o");
  CHECK(outcome.out == "5\n" + kWheat +
                           "{\"error\": \"in.csv: line 3: expected 2 fields, as in the first "
                           "record, found 1\", \"line\": 3}\n" +
                           kCorn);
  CHECK_THAT(outcome.err, ContainsSubstring("skipped: in.csv: line 3"));
  CHECK_THAT(outcome.err, ContainsSubstring("1 of 3 rows skipped"));
}

TEST_CASE("program: missing files and columns are named", "[cli][program]") {
  start_with_tokenizer();
  const Outcome input = sh(kTokenize + "--input missing.txt");
  CHECK(input.exit_code == 3);
  CHECK_THAT(input.err, ContainsSubstring("missing.txt: cannot open"));
  CHECK(sh(kTokenize + "x --output missing/o").exit_code == 3);
  CHECK(sh("$polytag tokenize missing x").exit_code == 3);
  CHECK(sh("$polytag inspect missing").exit_code == 3);
  write("in.csv", "id,content\n1,wheat\n");
  const Outcome column = sh(kTokenize + "--input in.csv --text-column body");
  CHECK(column.exit_code == 4);
  CHECK_THAT(column.err, ContainsSubstring("columns \"id\", \"content\""));
}

TEST_CASE("program: a full disk, a closed output and a reader that leaves are errors",
          "[cli][program]") {
  start_with_tokenizer();
  if (fs::exists("/dev/full")) {
    const Outcome full = sh(kTokenize + "wheat >/dev/full");
    CHECK(full.exit_code == 3);
    CHECK_THAT(full.err, ContainsSubstring("No space left"));
    CHECK(sh(kTokenize + "wheat --output /dev/full").exit_code == 3);
    CHECK(fs::is_character_file("/dev/full"));
  }
  const Outcome closed = sh(kTokenize + "wheat >&-");
  CHECK(closed.exit_code == 3);
  const Outcome left =
      sh("{ yes wheat | " + kTokenize + "; echo $? >code; } | head -n 1; cat code");
  CHECK(left.out == kWheat + "3\n");
  CHECK_THAT(left.err, ContainsSubstring("Broken pipe"));
}

TEST_CASE("program: input and output may be the same file", "[cli][program]") {
  start_with_tokenizer();
  write("both.txt", "wheat\ncorn\n");
  CHECK(sh(kTokenize + "--input both.txt --output both.txt && cat both.txt").out == kWheat + kCorn);
}

TEST_CASE("program: many rows keep their order", "[cli][program]") {
  start_with_tokenizer();
  std::string texts;
  for (std::size_t i = 0; i < 50'000; ++i) texts += std::string(i % 17, ',') + '\n';
  write("in.txt", texts);
  const Outcome outcome = sh(kTokenize + "--input in.txt --threads 3");
  CHECK(outcome.exit_code == 0);
  const std::vector<std::string> lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 50'000);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::size_t tokens = 0;
    for (const char c : lines[i].substr(0, lines[i].find("\"ids\""))) tokens += c == '"';
    if (tokens != 2 + i % 17 * 2) FAIL("row " << i << ": " << lines[i]);
  }
  CHECK(sh(kTokenize + "--input in.txt --threads 1").out == outcome.out);
}

TEST_CASE("program: signals end the run with 128 + their number and leave no file",
          "[cli][program]") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    start_with_tokenizer();
    REQUIRE(::mkfifo((scratch() + "in").c_str(), 0600) == 0);
    // Held open for writing, so that the program waits for more.
    std::fstream fifo(scratch() + "in", std::ios::in | std::ios::out);
    fifo << "wheat\n" << std::flush;
    RunningProgram program({"tokenize", scratch() + "model", "--input", scratch() + "in",
                            "--output", scratch() + "result"});
    // The temporary file says that the program is at work.
    for (int i = 0; i < 1000 && files().size() < 5; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK(files().size() == 5);
    program.send(signal);
    CHECK(program.wait() == 128 + signal);
    CHECK(files() == std::set<std::string>{"err", "in", "model", "out"});
  }
}

TEST_CASE("program: a signal that was ignored at the start stays ignored", "[cli][program]") {
  start_with_tokenizer();
  // A shell gives its background jobs no standard input of ours, hence the named pipe.
  CHECK(sh("trap '' INT; mkfifo in; (sleep 0.3; echo wheat) >in & " + kTokenize +
           "--input in & pid=$!; sleep 0.1; kill -INT $pid; wait $pid; echo $?")
            .out == kWheat + "0\n");
}

TEST_CASE("program: inspect lists the tensors of a file", "[cli][program]") {
  const std::string file = POLYTAG_TEST_DATA "/golden/hf/bert_small/model.safetensors";
  const Outcome table = sh("$polytag inspect '" + file + "'");
  CHECK(table.exit_code == 0);
  CHECK_THAT(table.out, ContainsSubstring("bert.embeddings.word_embeddings.weight"));
  CHECK_THAT(table.out, ContainsSubstring("safetensors, 57 tensors, 288167 elements, 1.2 MB"));
  const Outcome json = sh("$polytag inspect '" + file + "' --format json");
  CHECK_THAT(json.out, ContainsSubstring("\"format\": \"safetensors\""));
}

}  // namespace polytag::cli
