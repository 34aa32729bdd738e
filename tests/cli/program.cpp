#include "program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "support/temporary_directory.hpp"

extern char** environ;

namespace polytag::cli {

namespace fs = std::filesystem;

namespace {

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

void clear_scratch() {
  for (const auto& entry : fs::directory_iterator(scratch())) fs::remove_all(entry.path());
}

}  // namespace

const std::string& scratch() {
  static const TemporaryDirectory directory;
  static const std::string path = directory / "";
  return path;
}

void start_with_tokenizer() {
  clear_scratch();
  fs::create_directory(scratch() + "model");
  write("model/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwheat\ncorn\n,\n");
  write("model/tokenizer_config.json", "{\"do_lower_case\": true}");
}

void start_with_examples() {
  clear_scratch();
  const fs::path examples = POLYTAG_EXAMPLES;
  fs::copy(examples / "models/reuters-albert-tiny", scratch() + "model");
  fs::copy(examples / "labelled_news.jsonl", scratch() + "news.jsonl");
}

std::string read(const std::string& name) {
  std::ifstream file(scratch() + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& name, const std::string& bytes) {
  std::ofstream(scratch() + name, std::ios::binary) << bytes;
}

Outcome sh(const std::string& script) {
  // The streams go to files beside the directory that scripts see.
  const std::string streams = scratch().substr(0, scratch().size() - 1);
  const std::string file = streams + ".sh";
  std::ofstream(file) << "polytag='" POLYTAG_PROGRAM "'\ncd '" << scratch() << "'\n" << script;
  const std::string command =
      "sh '" + file + "' >'" + streams + ".out' 2>'" + streams + ".err' </dev/null";
  const int status = std::system(command.c_str());
  Outcome outcome{exit_code_of(status), file_bytes(streams + ".out"), file_bytes(streams + ".err")};
  for (const char* ending : {".sh", ".out", ".err"}) std::filesystem::remove(streams + ending);
  return outcome;
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{POLYTAG_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const auto& [number, name] : {std::pair{1, "out"}, std::pair{2, "err"}}) {
    posix_spawn_file_actions_addopen(&files, number, (scratch() + name).c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  const int error =
      ::posix_spawn(&process_, POLYTAG_PROGRAM, &files, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::runtime_error("cannot start " POLYTAG_PROGRAM);
}

RunningProgram::~RunningProgram() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void RunningProgram::send(int signal) const { ::kill(process_, signal); }

int RunningProgram::wait() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return exit_code_of(status);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace polytag::cli
