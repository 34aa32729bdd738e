#include "cli/labelled_input.hpp"

#include <unistd.h>

namespace polytag::cli {

LabelledInput::LabelledInput(const LabelledInputArguments& arguments,
                             const MultiLabelClassifier& classifier, const MeasuredLabels& labels,
                             const StopEvent& stop)
    : quiet_(arguments.quiet),
      rows_(arguments.open(classifier.labels(), stop.token())),
      progress_(!quiet_ && ::isatty(STDERR_FILENO) == 1, rows_.total_bytes()),
      texts_(labels, rows_, progress_, stop.token()) {
  if (!quiet_) progress_.message(rows_.layout());
}

LeftOut LabelledInput::report() {
  const LeftOut left_out{texts_.left_out(), rows_.unknown_labels()};
  if (const std::string words = describe(left_out); !quiet_ && !words.empty()) {
    progress_.message(words);
  }
  return left_out;
}

}  // namespace polytag::cli
