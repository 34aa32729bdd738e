#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "program.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

// Commands that make model directories, interrupted: the directory is there whole, or nothing is.
namespace polytag::cli {

namespace {

namespace fs = std::filesystem;

/// Everything in the directory of the tests that a command has begun.
std::set<std::string> begun() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(scratch())) {
    const std::string name = entry.path().filename();
    if (name.starts_with("made")) names.insert(name);
  }
  return names;
}

/// Runs a command, which makes the directory "made", again and again, and sends a signal at ever
/// later moments until it is done before the signal comes.
void interrupt(const std::vector<std::string>& arguments) {
  REQUIRE(RunningProgram(arguments).wait() == 0);
  const std::string weights = read("made/model.safetensors");
  std::size_t stopped = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    for (int milliseconds = 0; milliseconds < 400; milliseconds += 1 + milliseconds / 4) {
      fs::remove_all(scratch() + "made");
      RunningProgram program(arguments);
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      program.send(signal);
      const int code = program.wait();
      INFO("signal " << signal << " after " << milliseconds << " ms: " << code);
      // Before there is anything to clean up, and behind the end, a signal ends the process.
      CHECK((code == 0 || code == 128 + signal || code == -signal));
      if (code == 128 + signal) {
        CHECK(begun().empty());
        CHECK(read("err") == "polytag: interrupted\n");
        ++stopped;
      } else if (code == 0 || !begun().empty()) {
        CHECK(begun() == std::set<std::string>{"made"});
        CHECK(read("made/model.safetensors") == weights);
        CHECK(fs::exists(scratch() + "made/vocab.txt"));
      }
    }
  }
  CHECK(stopped > 0);
  fs::remove_all(scratch() + "made");
}

}  // namespace

TEST_CASE("convert: interrupted at any moment, it leaves a whole model or nothing",
          "[cli][convert][faults]") {
  start_with_examples();
  interrupt({"convert", scratch() + "model", "--output", scratch() + "made", "--quiet"});
}

TEST_CASE("quantize: interrupted at any moment, it leaves a whole model or nothing",
          "[cli][quantize][faults]") {
  start_with_examples();
  interrupt({"quantize", scratch() + "model", "--output", scratch() + "made", "--quiet"});
}

TEST_CASE("quantize: interrupted while it measures, it leaves nothing", "[cli][quantize][faults]") {
  start_with_examples();
  // Standard input never ends, so that the signal comes while labelled texts are awaited.
  const Outcome outcome =
      sh("mkfifo texts; exec 3<>texts; head -n 3 news.jsonl >&3\n"
         "$polytag quantize model --output made --evaluate texts & pid=$!\n"
         "while ! ls made.partial-*/vocab.txt >/dev/null 2>&1; do sleep 0.02; done\n"
         "sleep 0.2; kill -TERM $pid; wait $pid");
  CHECK(outcome.exit_code == 143);
  CHECK(begun().empty());
}

}  // namespace polytag::cli
