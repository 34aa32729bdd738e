#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "cli/command_line_words.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/signal_guard.hpp"
#include "polytag/error.hpp"
#include "polytag/version.hpp"

namespace {

using namespace polytag::cli;

/// If standard output is closed, the next file to be opened takes its number and would get the
/// results. Wrong ends of /dev/null hold the numbers instead: using them is an error.
void occupy_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) == -1) {
      [[maybe_unused]] const int opened =
          ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

std::string name_of(const Command& command) { return command.arguments->get_name(); }

std::string names_of(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) {
    names.append(names.empty() ? "" : ", ").append(name_of(command));
  }
  return names;
}

int run(int argc, char** argv) {
  CLI::App program("Gives texts their labels with transformers, on CPUs.", "polytag");
  program.set_version_flag("--version", std::string("polytag ") + polytag::version());
  program.require_subcommand(1);
  program.footer(
      "Examples:\n"
      "  polytag classify models/reuters \"Wheat exports rose as the dollar fell\"\n"
      "  polytag classify models/reuters --input reviews.csv --text-column content --output "
      "labels.jsonl\n"
      "  cat lines.txt | polytag scores models/reuters\n"
      "  polytag COMMAND --help\n\n" +
      exit_code_help());

  std::vector<Command> commands;
  for (const AddCommand add : kCommands) commands.push_back(add(program));
  if (argc < 2) {
    fmt::print(stderr, "{}", program.help());
    return kUsageError;
  }
  const std::string first = argv[1];
  const bool known = std::ranges::count(commands, first, &name_of) > 0;
  if (!first.starts_with('-') && !known) {
    fmt::print(stderr, "polytag: no command \"{}\"; there are: {}\n", first, names_of(commands));
    return kUsageError;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    fmt::print(stderr, "polytag: {}\npolytag {} --help says more\n", words_of(error), first);
    return kUsageError;
  }
  for (const Command& command : commands) {
    if (command.arguments->parsed()) return command.run();
  }
  return kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  // A reader that goes away is an error that we report, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const polytag::CancelledError&) {
    const int signal = SignalGuard::last_signal();
    fmt::print(stderr, "polytag: interrupted\n");
    return kSignalBase + (signal == 0 ? SIGINT : signal);
  } catch (const polytag::Error& error) {
    fmt::print(stderr, "polytag: {}\n", with_option_names(error.what()));
    return exit_code(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "polytag: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "polytag: defect: {}\n", error.what());
  }
  return kInternalError;
}
