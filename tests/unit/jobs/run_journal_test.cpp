#include "jobs/run_journal.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/progress.hpp"
#include "jobs/pipeline.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

using Names = std::set<std::string>;

const RunIdentity kIdentity{{"polytag", "0 classify"}, {"--top-k", "3"}};

/// An output to be continued, with its journal, as a run has them open.
struct OpenRun {
  explicit OpenRun(const std::string& path, const RunIdentity& identity = kIdentity)
      : journal(OutputFile::kept_path(path)), output(path, stop, Unfinished::kKept) {
    journal.resume(output.file(), identity);
  }

  void finish() {
    output.commit();
    journal.remove();
  }

  StopEvent stop;
  RunJournal journal;
  OutputFile output;
};

RunState state_after(std::size_t rows, std::size_t skipped = 0) {
  return {.rows = rows, .skipped = skipped, .digest = static_cast<std::uint32_t>(rows * 17)};
}

/// Answers "<text>\n" for every row, and stops the run in place of answering row `last`.
class Echo final : public RowHandler {
 public:
  explicit Echo(std::size_t last = static_cast<std::size_t>(-1)) : last_(last) {}
  void append_header(std::string& out) override { out += "header\n"; }
  void append_rows(std::span<const InputRow> rows, std::string& out) override {
    for (const InputRow& row : rows) {
      if (row.number == last_) throw CancelledError::requested();
      ++handled;
      out += row.text + '\n';
    }
  }
  void append_skipped(const InputRow& row, std::string& out) override {
    out += "skipped " + std::to_string(row.number) + '\n';
  }
  std::size_t handled = 0;

 private:
  std::size_t last_;
};

RunState run(const std::string& input, const std::string& output, Echo& echo) {
  OpenRun open(output);
  RowSource source({{input, {.format = InputFormat::kJsonl}}}, open.stop.token());
  cli::Progress progress(false, std::nullopt);
  PipelineOptions options;
  options.keep_going = true;
  options.most_rows = 3;
  options.journal = &open.journal;
  const RunState end = run_pipeline(source, echo, open.output, progress, open.stop, options);
  open.finish();
  return end;
}

std::string twenty_rows() {
  std::string rows;
  for (int i = 1; i <= 20; ++i) {
    rows += i % 6 == 0 ? "{}\n" : "{\"text\": \"row " + std::to_string(i) + "\"}\n";
  }
  return rows;
}

}  // namespace

TEST_CASE("run journal: an interrupted output is kept, cut and continued", "[jobs][journal]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "out";
  {
    OpenRun open(path);
    CHECK_FALSE(open.journal.begun());
    open.journal.write("one\n", state_after(1));
    open.journal.write("two\nthree\n", state_after(3, 1));
    open.output.write("torn");
  }
  CHECK(directory.names() == Names{"out.partial", "out.partial.journal"});
  CHECK(file_bytes(path + ".partial") == "one\ntwo\nthree\ntorn");
  OpenRun open(path);
  CHECK(open.journal.begun());
  CHECK(open.journal.state().rows == 3);
  CHECK(open.journal.state().skipped == 1);
  CHECK(open.journal.state().digest == 3 * 17);
  open.journal.write("four\n", state_after(4));
  open.finish();
  CHECK(directory.names() == Names{"out"});
  CHECK(file_bytes(path) == "one\ntwo\nthree\nfour\n");
}

TEST_CASE("run journal: wherever output and journal were torn, what is left is whole",
          "[jobs][journal]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "out";
  {
    OpenRun open(path);
    open.journal.write("header\n", state_after(0));
    open.journal.write("one\n", state_after(1));
    open.journal.write("two\n", state_after(2));
  }
  const std::string output = file_bytes(path + ".partial");
  const std::string whole_journal = file_bytes(path + ".partial.journal");
  const std::string states[] = {"", "header\n", "header\none\n", "header\none\ntwo\n"};
  for (std::size_t cut = 1; cut <= output.size(); ++cut) {
    directory.write("out.partial", output.substr(0, cut));
    directory.write("out.partial.journal", whole_journal);
    const OpenRun open(path);
    CHECK(open.journal.state().rows <= 2);
    const std::string left = file_bytes(path + ".partial");
    CHECK((left.empty() || left == states[open.journal.state().rows + 1]));
    CHECK(left.size() <= cut);
    CHECK(left.size() + 7 > cut);  // no more than the longest part is lost
  }
  const std::size_t header = whole_journal.find('\n') + 1;
  for (std::size_t cut = header; cut <= whole_journal.size(); ++cut) {
    directory.write("out.partial", output);
    directory.write("out.partial.journal", whole_journal.substr(0, cut));
    const OpenRun open(path);
    const std::string left = file_bytes(path + ".partial");
    CHECK((left.empty() || left == states[open.journal.state().rows + 1]));
  }
}

TEST_CASE("run journal: bytes that the disk lost do not count", "[jobs][journal]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "out";
  {
    OpenRun open(path);
    open.journal.write("one\n", state_after(1));
    open.journal.write("two\n", state_after(2));
  }
  directory.write("out.partial", std::string("one\n\0\0\0\0", 8));
  const OpenRun open(path);
  CHECK(open.journal.state().rows == 1);
  CHECK(file_bytes(path + ".partial") == "one\n");
}

TEST_CASE("run journal: another run is refused and what differs is named", "[jobs][journal]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "out";
  {
    OpenRun open(path);
    open.journal.write("one\n", state_after(1));
  }
  RunIdentity other = kIdentity;
  other[1].second = "4";
  CHECK_THROWS_WITH(OpenRun(path, other),
                    ContainsSubstring("--top-k as in the run to go on with, \"3\", found \"4\""));
  other.pop_back();
  CHECK_THROWS_WITH(OpenRun(path, other), ContainsSubstring("--top-k"));
  other = kIdentity;
  other.emplace_back("--threshold", "0.5");
  CHECK_THROWS_WITH(OpenRun(path, other), ContainsSubstring("--threshold"));
  CHECK(file_bytes(path + ".partial") == "one\n");  // untouched
  std::filesystem::remove(path + ".partial");       // as the message says
  CHECK_FALSE(OpenRun(path, other).journal.begun());
}

TEST_CASE("run journal: two runs do not share an output", "[jobs][journal]") {
  const TemporaryDirectory directory;
  const OpenRun open(directory / "out");
  CHECK_THROWS_WITH(OpenRun(directory / "out"), ContainsSubstring("another run"));
  CHECK_NOTHROW(OpenRun(directory / "other"));
}

TEST_CASE("run journal: an output that no journal knows is not touched", "[jobs][journal]") {
  const TemporaryDirectory directory;
  directory.write("out.partial", "somebody's");
  CHECK_THROWS_AS(OpenRun(directory / "out"), FormatError);
  CHECK(file_bytes(directory / "out.partial") == "somebody's");
}

TEST_CASE("run journal: only files are continued", "[jobs][journal]") {
  CHECK_THROWS_AS(OutputFile::kept_path(std::nullopt), ArgumentError);
  CHECK_THROWS_AS(OutputFile::kept_path("-"), ArgumentError);
  CHECK_THROWS_AS(OutputFile::kept_path("/dev/null"), ArgumentError);
}

TEST_CASE("pipeline: a run that is stopped at any row continues to the same output",
          "[jobs][journal]") {
  const TemporaryDirectory directory;
  directory.write("in", twenty_rows());
  Echo undisturbed;
  const RunState reference = run(directory / "in", directory / "reference", undisturbed);
  CHECK(reference.rows == 20);
  CHECK(reference.skipped == 3);
  for (std::size_t stop_at = 1; stop_at <= 20; ++stop_at) {
    if (stop_at % 6 == 0) continue;  // skipped rows do not come to the handler
    INFO("stopped at row " << stop_at);
    const std::string path = directory / ("out" + std::to_string(stop_at));
    Echo first(stop_at);
    CHECK_THROWS_AS(run(directory / "in", path, first), CancelledError);
    Echo second;
    const RunState end = run(directory / "in", path, second);
    CHECK(end.rows == 20);
    CHECK(end.skipped == 3);
    CHECK(file_bytes(path) == file_bytes(directory / "reference"));
    CHECK(first.handled + second.handled <= 17 + 3);  // at most a chunk is handled twice
  }
}

TEST_CASE("pipeline: rows that are done must be those that were read then", "[jobs][journal]") {
  const TemporaryDirectory directory;
  const std::string rows = twenty_rows();
  directory.write("in", rows);
  Echo first(15);
  CHECK_THROWS_AS(run(directory / "in", directory / "out", first), CancelledError);
  Echo second;
  directory.write("in", "{\"text\": \"ROW 1\"}\n" + rows.substr(rows.find('\n') + 1));
  CHECK_THROWS_WITH(run(directory / "in", directory / "out", second),
                    ContainsSubstring("done before the interruption, found other ones"));
  directory.write("in", rows.substr(0, 60));
  CHECK_THROWS_WITH(run(directory / "in", directory / "out", second),
                    ContainsSubstring("found only"));
  directory.write("in", rows + "{\"text\": \"more\"}\n");
  CHECK(run(directory / "in", directory / "out", second).rows == 21);
}

}  // namespace polytag
