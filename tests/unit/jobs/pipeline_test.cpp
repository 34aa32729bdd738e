#include "jobs/pipeline.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/progress.hpp"
#include "jobs/transform.hpp"
#include "polytag/core/executor.hpp"
#include "support/catch.hpp"
#include "support/fake_classifier.hpp"
#include "support/temporary_directory.hpp"

namespace polytag {

namespace {

using Json = nlohmann::json;

struct Run {
  RunState report;
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Scores rows and writes them, in one of the forms of `polytag scores`.
std::unique_ptr<RowHandler> scores_handler(const MultiLabelClassifier& classifier,
                                           const ClassifyOptions& options,
                                           OutputFormat format = OutputFormat::kJsonl) {
  const Transform<TextScores> transform = [&classifier, options](std::span<const InputRow> rows) {
    return classifier.scores(text_inputs(rows), options);
  };
  return std::make_unique<TransformHandler<TextScores>>(
      transform, make_scores_format(format, classifier.labels(), {}), *options.executor);
}

/// Scores a file with the fake classifier and gives what was written, also after an error.
class ScoresRun {
 public:
  Run run(InputFormat format, const std::string& input, const PipelineOptions& options = {},
          std::size_t threads = 1) {
    directory_.write("in", input);
    StopEvent stop;
    ThreadPool pool(threads);
    ClassifyOptions classify_options;
    classify_options.executor = &pool;
    const auto handler = scores_handler(classifier_, classify_options);
    RowSource source({{directory_ / "in", {.format = format}}}, stop.token());
    OutputFile output(directory_ / "out", stop);
    cli::Progress progress(false, std::nullopt);
    Run result;
    try {
      result.report = run_pipeline(source, *handler, output, progress, stop, options);
    } catch (const FormatError& error) {
      error_ = error.what();
    }
    output.commit();
    result.lines = lines_of(file_bytes(directory_ / "out"));
    return result;
  }

  const FakeClassifier& classifier() const { return classifier_; }
  const std::string& error() const { return error_; }

 private:
  TemporaryDirectory directory_;
  FakeClassifier classifier_;
  std::string error_;
};

std::string jsonl_of(const std::vector<std::string>& texts) {
  std::string input;
  for (const std::string& text : texts) input += Json{{"text", text}}.dump() + '\n';
  return input;
}

std::string expected_line(const std::string& text) {
  std::string line = "{\"scores\": [";
  for (const float score : FakeClassifier::scores_of(text, 3)) {
    line += (line.ends_with('[') ? "" : ", ");
    // Json writes doubles; the shortest form of the float is what is compared.
    char digits[32];
    std::string shortest(digits, std::to_chars(digits, digits + 32, score).ptr);
    if (shortest.find_first_of(".e") == std::string::npos) shortest += ".0";
    line += shortest;
  }
  return line + "]}";
}

std::vector<std::string> numbered_texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i * 7919 % 1000));
  return texts;
}

}  // namespace

TEST_CASE("pipeline: every row has its line, in order, whatever the chunks and threads",
          "[jobs][pipeline]") {
  const std::vector<std::string> texts = numbered_texts(1000);
  std::vector<std::string> expected;
  for (const std::string& text : texts) expected.push_back(expected_line(text));
  for (const std::size_t most_rows : {1U, 3U, 64U, 999U, 1000U, 5000U}) {
    for (const std::size_t threads : {1U, 3U}) {
      PipelineOptions options;
      options.first_rows = std::min<std::size_t>(most_rows, 5);
      options.most_rows = most_rows;
      ScoresRun scores;
      const Run result = scores.run(InputFormat::kJsonl, jsonl_of(texts), options, threads);
      CHECK(result.report.rows == 1000);
      CHECK(result.report.skipped == 0);
      CHECK(result.lines == expected);
      for (const std::size_t size : scores.classifier().call_sizes()) CHECK(size <= most_rows);
    }
  }
}

TEST_CASE("pipeline: chunks grow while they are quick", "[jobs][pipeline]") {
  ScoresRun scores;
  scores.run(InputFormat::kLines, std::string(100'000, '\n'));
  const std::vector<std::size_t> sizes = scores.classifier().call_sizes();
  CHECK(sizes.front() == PipelineOptions{}.first_rows);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) > 4096);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) <= PipelineOptions{}.most_rows);
}

TEST_CASE("pipeline: chunks hold a bounded number of bytes", "[jobs][pipeline]") {
  ScoresRun scores;
  PipelineOptions options;
  options.chunk_bytes = 1000;
  scores.run(InputFormat::kLines, jsonl_of(std::vector<std::string>(100, std::string(300, 'x'))),
             options);
  for (const std::size_t size : scores.classifier().call_sizes()) CHECK(size <= 4);
}

TEST_CASE("pipeline: an empty input is an empty output", "[jobs][pipeline]") {
  ScoresRun scores;
  const Run result = scores.run(InputFormat::kLines, "");
  CHECK(result.report.rows == 0);
  CHECK(result.lines.empty());
  CHECK(scores.classifier().call_sizes().empty());
}

TEST_CASE("pipeline: a bad row ends the run after the rows before it", "[jobs][pipeline]") {
  for (const std::size_t good : {0U, 1U, 63U, 64U, 65U, 500U}) {
    ScoresRun scores;
    const std::vector<std::string> texts = numbered_texts(good);
    const Run result = scores.run(InputFormat::kJsonl,
                                  jsonl_of(texts) + "{\"txt\": \"x\"}\n" + jsonl_of({"last"}));
    CHECK(result.lines.size() == good);
    CHECK_THAT(scores.error(), ContainsSubstring("line " + std::to_string(good + 1) +
                                                 ": expected a field \"text\""));
  }
}

TEST_CASE("pipeline: with keep_going a bad row keeps its place", "[jobs][pipeline]") {
  ScoresRun scores;
  PipelineOptions options;
  options.keep_going = true;
  const Run result = scores.run(
      InputFormat::kJsonl, "oops\n" + jsonl_of({"abc"}) + "{}\n7\n" + jsonl_of({"xyz"}), options);
  CHECK(result.report.rows == 5);
  CHECK(result.report.skipped == 3);
  REQUIRE(result.lines.size() == 5);
  CHECK(Json::parse(result.lines[0])["line"] == 1);
  CHECK(result.lines[1] == expected_line("abc"));
  CHECK(Json::parse(result.lines[2])["line"] == 3);
  CHECK_THAT(Json::parse(result.lines[3])["error"].get<std::string>(),
             ContainsSubstring("found a number"));
  CHECK(result.lines[4] == expected_line("xyz"));
}

TEST_CASE("pipeline: a stop request ends the run and removes the output", "[jobs][pipeline]") {
  const TemporaryDirectory directory;
  directory.write("in", std::string(1'000'000, '\n'));
  const FakeClassifier classifier;
  StopEvent stop;
  SerialExecutor serial;

  // Asks for the stop in the middle of the work.
  class StoppingHandler final : public RowHandler {
   public:
    explicit StoppingHandler(StopEvent& event) : event_(event) {}
    void append_header(std::string&) override {}
    void append_rows(std::span<const InputRow> rows, std::string& out) override {
      out.append(rows.size(), '\n');
      if (++chunks_ == 3) event_.request();
    }
    void append_skipped(const InputRow&, std::string&) override {}

   private:
    StopEvent& event_;
    int chunks_ = 0;
  } handler(stop);

  {
    RowSource source({{directory / "in", {.format = InputFormat::kLines}}}, stop.token());
    OutputFile output(directory / "out", stop);
    cli::Progress progress(false, std::nullopt);
    CHECK_THROWS_AS(run_pipeline(source, handler, output, progress, stop, {}), CancelledError);
  }
  CHECK(directory.names() == std::set<std::string>{"in"});
}

TEST_CASE("pipeline: an output that fails ends the run though the input would make it wait",
          "[jobs][pipeline]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  const FileDescriptor writer(::open((directory / "pipe").c_str(), O_RDWR));
  REQUIRE(::write(writer.get(), "a\nb\n", 4) == 4);
  const FakeClassifier classifier;
  SerialExecutor serial;
  ClassifyOptions classify_options;
  classify_options.executor = &serial;
  // A header is written before anything is read, so the failure comes at once.
  const auto handler = scores_handler(classifier, classify_options, OutputFormat::kCsv);
  StopEvent stop;
  RowSource source({{directory / "pipe", {.format = InputFormat::kLines}}}, stop.token());
  OutputFile output("/dev/full", stop);
  cli::Progress progress(false, std::nullopt);
  CHECK_THROWS_AS(run_pipeline(source, *handler, output, progress, stop, {}), IoError);
}

TEST_CASE("pipeline: rows of a pipe are answered while the next ones are waited for",
          "[jobs][pipeline]") {
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "in").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((directory / "out").c_str(), 0600) == 0);
  FileDescriptor writer(::open((directory / "in").c_str(), O_RDWR));
  const FileDescriptor reader(::open((directory / "out").c_str(), O_RDWR));
  const FakeClassifier classifier;
  StopEvent stop;
  std::thread program([&] {
    SerialExecutor serial;
    ClassifyOptions options;
    options.executor = &serial;
    const auto handler = scores_handler(classifier, options);
    RowSource source({{directory / "in", {.format = InputFormat::kLines}}}, stop.token());
    OutputFile output(directory / "out", stop);
    cli::Progress progress(false, std::nullopt);
    CHECK_THROWS_AS(run_pipeline(source, *handler, output, progress, stop, {}), CancelledError);
  });
  for (const std::string text : {"abc", "x", ""}) {
    const std::string line = text + "\nhalf a line";
    REQUIRE(::write(writer.get(), line.data(), text.size() + 1) ==
            static_cast<::ssize_t>(text.size() + 1));
    std::string answer;
    while (!answer.ends_with('\n')) {
      char c = 0;
      REQUIRE(::read(reader.get(), &c, 1) == 1);
      answer += c;
    }
    CHECK(answer == expected_line(text) + "\n");
  }
  stop.request();
  program.join();
}

TEST_CASE("transform: records of texts and pairs, in order, on all threads", "[jobs][pipeline]") {
  const FakeClassifier classifier;
  ThreadPool pool(2);
  ClassifyOptions options;
  options.executor = &pool;
  std::size_t truncated_texts = 0;
  const Transform<Prediction> classify = [&](std::span<const InputRow> rows) {
    std::vector<Prediction> predictions = classifier.classify(text_inputs(rows), options);
    truncated_texts += count_truncated(predictions);
    return predictions;
  };
  TransformHandler handler(classify, make_prediction_format(OutputFormat::kJsonl, {}), pool);
  std::vector<InputRow> rows(3);
  rows[0].text = "\xFF";
  rows[1].text = std::string(1, '\0');
  rows[1].text_pair = "\xFF";
  rows[2].text = std::string(107, '\0');
  std::string out;
  handler.append_rows(rows, out);
  CHECK(lines_of(out) ==
        std::vector<std::string>{
            R"({"labels": [{"name": "zero", "index": 0, "score": 1.0}], "truncated_tokens": 0})",
            R"({"labels": [{"name": "one", "index": 1, "score": 1.0}], "truncated_tokens": 0})",
            R"({"labels": [], "truncated_tokens": 104})"});
  CHECK(truncated_texts == 1);
}

TEST_CASE("row source: several inputs are one, each with its own format and lines",
          "[jobs][pipeline]") {
  const TemporaryDirectory directory;
  directory.write("a", "one\ntwo");
  directory.write("b", "{\"text\": \"three\"}\n");
  directory.write("c", "text,id\nfour,4\n");
  RowSource source({{directory / "a", {.format = InputFormat::kLines}},
                    {directory / "b", {.format = InputFormat::kJsonl}},
                    {directory / "c", {.format = InputFormat::kCsv}}});
  CHECK(source.total_bytes() == 7 + 18 + 15);
  std::string seen;
  InputRow row;
  while (source.next(row)) {
    seen += std::to_string(row.number) + ":" + std::to_string(row.line) + row.text + "<" +
            std::to_string(row.end) + " ";
  }
  CHECK(seen == "1:1one<4 2:2two<7 3:1three<25 4:2four<40 ");
  CHECK_THROWS_AS(RowSource(std::vector<InputFile>{{directory / "missing"}}), IoError);
}

TEST_CASE("row source: texts of the command line are rows", "[jobs][pipeline]") {
  RowSource source(std::vector<std::string>{"one\nstill one", ""});
  InputRow row;
  REQUIRE(source.next(row));
  CHECK(row.text == "one\nstill one");
  REQUIRE(source.next(row));
  CHECK(row.text.empty());
  CHECK_FALSE(source.next(row));
}

}  // namespace polytag
