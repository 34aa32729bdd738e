#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/option_words.hpp"
#include "cli/signal_guard.hpp"
#include "polytag/error.hpp"
#include "polytag/version.hpp"

namespace {

using namespace polytag::cli;

/// With standard output closed, the next file to be opened would take its number and get our
/// results. Wrong ends of /dev/null hold the numbers instead: using them is an error.
void occupy_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) == -1) {
      [[maybe_unused]] const int opened =
          ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

bool is_command(const std::vector<Command>& commands, const std::string& name) {
  return std::any_of(commands.begin(), commands.end(),
                     [&](const Command& command) { return command.arguments->get_name() == name; });
}

std::string names_of(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) {
    names.append(names.empty() ? "" : ", ").append(command.arguments->get_name());
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
  if (!first.starts_with('-') && !is_command(commands, first)) {
    fmt::print(stderr, "polytag: no command \"{}\"; there are: {}\n", first, names_of(commands));
    return kUsageError;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kSuccess : kUsageError;
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
    fmt::print(stderr, "polytag: {}\n", with_option_words(error.what()));
    return exit_code(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "polytag: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "polytag: defect: {}\n", error.what());
  }
  return kInternalError;
}
