#pragma once

#include <utility>

#include "cli/input_arguments.hpp"
#include "cli/progress.hpp"
#include "files/stop_event.hpp"
#include "jobs/labelled_texts.hpp"
#include "reports/left_out.hpp"

namespace polytag::cli {

/// Labelled texts that a command reads, and what it says of them on standard error: how labels are
/// written, how far the work is and, at the end, what was left out.
class LabelledInput {
 public:
  /// @param arguments, labels, stop  outlive this
  LabelledInput(const LabelledInputArguments& arguments, const MultiLabelClassifier& classifier,
                const MeasuredLabels& labels, const StopEvent& stop);

  LabelledTexts& texts() { return texts_; }
  /// Says what was left out. @return the same, for a report
  LeftOut report();

 private:
  bool quiet_;
  LabelledRows rows_;
  Progress progress_;
  LabelledTexts texts_;
};

/// Calls sink(LabelledScores) for every text, in order and in bounded memory.
/// @param options  the executor is needed
template <class Sink>
LeftOut score_labelled_texts(const MultiLabelClassifier& classifier, const MeasuredLabels& labels,
                             const LabelledInputArguments& arguments,
                             const ClassifyOptions& options, const StopEvent& stop, Sink sink) {
  LabelledInput input(arguments, classifier, labels, stop);
  while (input.texts().next()) {
    for (LabelledScores& text : input.texts().scored_by(classifier, options)) sink(std::move(text));
  }
  return input.report();
}

}  // namespace polytag::cli
