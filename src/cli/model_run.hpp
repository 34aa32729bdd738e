#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "cli/identity_options.hpp"
#include "cli/row_command.hpp"
#include "jobs/transform.hpp"
#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"

namespace polytag::cli {

/// The arguments that every command has which runs rows through a model.
struct ModelRunArguments {
  ModelArguments model;
  InputArguments input;
  OutputArguments output;
  BatchArguments batch;
};

/// A run of rows through a model.
class ModelRun {
 public:
  /// Opens the input and loads the model. @param arguments, command  outlive this
  ModelRun(const ModelRunArguments& arguments, const CLI::App& command)
      : arguments_(arguments),
        command_(command),
        rows_(arguments.input, arguments.output),
        threads_(arguments.model.thread_count()),
        classifier_(load_classifier(arguments.model.directory, arguments.model.load)) {
    options.executor = &threads_;
    options.stop = rows_.stop_token();
    arguments.batch.apply_to(options);
  }
  ModelRun(const ModelRun&) = delete;
  ModelRun& operator=(const ModelRun&) = delete;

  const MultiLabelClassifier& classifier() const { return *classifier_; }

  /// Writes the records of all rows.
  /// @param ask  from texts to their records, with the options
  /// @return the exit code
  template <class Record, class Ask>
  int write(std::unique_ptr<RecordFormat<Record>> format, const Ask& ask) {
    std::size_t truncated_texts = 0;
    const Transform<Record> transform = [&](std::span<const InputRow> rows) {
      std::vector<Record> records = ask(text_inputs(rows));
      truncated_texts += count_truncated(records);
      return records;
    };
    TransformHandler handler(transform, std::move(format), threads_);
    const int exit_code = rows_.run(
        handler, most_rows_in_memory(classifier_->labels().size()),
        identity_of(arguments_.output, command_, arguments_.model.directory, classifier_.get()));
    rows_.note_truncation(truncated_texts, classifier_->description().maximum_tokens);
    return exit_code;
  }

  ClassifyOptions options;

 private:
  const ModelRunArguments& arguments_;
  const CLI::App& command_;
  RowCommand rows_;
  ThreadPool threads_;
  std::unique_ptr<MultiLabelClassifier> classifier_;
};

}  // namespace polytag::cli
