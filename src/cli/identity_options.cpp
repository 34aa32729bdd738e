#include "cli/identity_options.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace polytag::cli {

namespace {

/// Options that change speed or messages and no result, so that a resumed run may change them.
/// MODEL and --output are identified by the contents of their files.
constexpr std::array<std::string_view, 7> kWithoutInfluence{
    "MODEL", "--threads", "--batch-tokens", "--memory-budget", "--output", "--resume", "--quiet"};

RunIdentity identity_options(const CLI::App& command) {
  RunIdentity options;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || std::ranges::count(kWithoutInfluence, name) > 0) continue;
    std::string values;
    for (const std::string& value : option->results()) {
      values.append(values.empty() ? "" : " ").append(value);
    }
    options.emplace_back(name, values);
  }
  return options;
}

}  // namespace

RunIdentity identity_of(const OutputArguments& output, const CLI::App& command,
                        const std::string& model, const MultiLabelClassifier* classifier) {
  if (!output.resume) return {};
  return run_identity(command.get_name(), identity_options(command), model, classifier);
}

}  // namespace polytag::cli
