#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace polytag::cli {

/// What a command line did.
struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs a script of the POSIX shell in which $polytag is the program, in an empty directory that
/// the process keeps for all its scripts.
Outcome sh(const std::string& script);

/// The directory that scripts run in, with a slash behind it.
const std::string& scratch();

/// Empties the directory and fills it anew: a model directory "model" that can only tokenize.
void start_with_tokenizer();

/// The same with the model of the examples as "model" and their labelled texts as "news.jsonl".
void start_with_examples();

/// A file in the directory.
std::string read(const std::string& name);
void write(const std::string& name, const std::string& bytes);

/// The program itself, started with default signal actions, its standard output in scratch()/out
/// and its standard error in scratch()/err.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void send(int signal) const;
  /// Waits for the end. @return the exit code, or minus the signal that ended it
  int wait();

 private:
  ::pid_t process_ = -1;
};

/// The file's lines.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace polytag::cli
