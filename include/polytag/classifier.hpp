#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/backend.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/core/precision.hpp"
#include "polytag/export.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"
#include "polytag/labels/text_scores.hpp"
#include "polytag/runtime/encoded_text.hpp"

namespace polytag {

class Executor;  // core/executor.hpp

/// The input of a classifier: one text, or two for a model of pairs. Borrows its characters. An
/// empty pair counts as none, as in Hugging Face's transformers.
/// Bytes that are not UTF-8 are read as U+FFFD, one for every maximal ill-formed part.
struct TextInput {
  std::string_view text;
  std::optional<std::string_view> text_pair;

  TextInput(std::string_view text_) : text(text_) {}    // a text is an input
  TextInput(const std::string& text_) : text(text_) {}  // so is a string
  TextInput(const char* text_) : text(text_) {}         // and a literal
  TextInput(std::string_view text_, std::optional<std::string_view> pair)
      : text(text_), text_pair(pair) {}
};

/// A label that a text was given.
struct PredictedLabel {
  std::string name;
  std::size_t index;  ///< in the model's label vocabulary
  float score;        ///< in [0, 1]
};

/// The answer for one text.
struct Prediction {
  std::vector<PredictedLabel> labels;  ///< best first, each label once
  std::size_t truncated_tokens = 0;    ///< how many tokens the model's maximum length cut off
  std::vector<LabelSequence> beams;    ///< sequence heads only: the n best, best first
};

/// The answer that follows from what a model says of a text.
/// @param scores    of the same labels
/// @param excluded  indices of labels that are never an answer, ascending
POLYTAG_EXPORT Prediction make_prediction(TextScores scores, const LabelVocabulary& labels,
                                          const DecisionPolicy& policy,
                                          std::span<const std::size_t> excluded);

/// How one call is carried out and decided.
struct ClassifyOptions {
  std::optional<DecisionPolicy> decision;  ///< none: what the model directory says
  std::optional<WindowOptions> windows;    ///< none: a long text is cut
  std::size_t beams = 1;                   ///< sequence heads: how many sequences to return
  std::size_t batch_tokens = 512;  ///< tokens that go through the encoder together, in cache
  /// Bytes that the call may work with, beside the model, the texts and what it returns; 0: no
  /// limit. Batches and the number of those that run side by side shrink to fit; no result changes.
  /// ArgumentError if one text does not fit, saying how many bytes are enough for it. What the
  /// libraries behind the backends "onednn" and "eigen" allocate themselves is not counted.
  std::size_t memory_budget = 0;
  Executor* executor = nullptr;  ///< borrowed; none: the classifier's own threads
  std::stop_token stop;          ///< asked for between batches
};

/// The properties of a classifier, for people and for logs.
struct ModelDescription {
  std::string architecture;        ///< the model_type of config.json: "bert", "albert", …
  std::string head;                ///< as config.json names it: "cls_dense", …
  bool decodes_sequences = false;  ///< whether predictions have beams
  std::string problem_type;  ///< "multi_label_classification" or "single_label_classification"
  std::string backend;
  Precision precision;
  InstructionSet instruction_set;
  std::size_t maximum_tokens;  ///< special tokens included
  std::size_t parameter_count;
};

/// Gives texts their labels. Immutable: every member is safe to call from many threads at once.
///
/// Results do not depend on what else is in a call, on its order, or on the number of threads.
class POLYTAG_EXPORT MultiLabelClassifier {
 public:
  virtual ~MultiLabelClassifier() = default;
  MultiLabelClassifier(const MultiLabelClassifier&) = delete;
  MultiLabelClassifier& operator=(const MultiLabelClassifier&) = delete;

  /// The labels of one text.
  /// @throws ArgumentError for options out of range; CancelledError if options.stop asked for it;
  ///         EncodingError if the weights make scores that are no numbers
  Prediction classify(const TextInput& input, const ClassifyOptions& options = {}) const;

  /// The labels of many texts, in their order. Faster than one call per text.
  std::vector<Prediction> classify(std::span<const TextInput> inputs,
                                   const ClassifyOptions& options = {}) const;

  /// Every label's score for one text, before anything is decided.
  TextScores scores(const TextInput& input, const ClassifyOptions& options = {}) const;

  /// The same for many texts. @return [texts], in their order
  std::vector<TextScores> scores(std::span<const TextInput> inputs,
                                 const ClassifyOptions& options = {}) const;

  /// Texts as token ids, which scores() takes later, in any company: for callers that queue texts
  /// and form batches by their tokens. Uses windows, memory_budget, executor of the options.
  /// @return [texts], in their order
  std::vector<EncodedText> encode(std::span<const TextInput> inputs,
                                  const ClassifyOptions& options = {}) const;

  /// @param texts  encoded by this classifier
  /// @return [texts], in their order
  std::vector<TextScores> scores(std::span<const EncodedText> texts,
                                 const ClassifyOptions& options = {}) const;

  const LabelVocabulary& labels() const noexcept { return labels_; }
  /// The policy that a call without one of its own uses.
  const DecisionPolicy& decision_policy() const noexcept { return decision_; }
  const ModelDescription& description() const noexcept { return description_; }
  /// Labels that are never an answer ("none", control tokens). @return indices, ascending
  std::span<const std::size_t> excluded_labels() const noexcept { return excluded_; }

 protected:
  /// @param excluded  indices of labels that are never an answer, ascending
  MultiLabelClassifier(LabelVocabulary labels, DecisionPolicy decision,
                       std::vector<std::size_t> excluded, ModelDescription description);

 private:
  virtual std::vector<EncodedText> encode_texts(std::span<const TextInput> inputs,
                                                const ClassifyOptions& options) const = 0;
  virtual std::vector<TextScores> score_texts(std::span<const EncodedText> texts,
                                              const ClassifyOptions& options) const = 0;
  /// How many of the texts, from the first on and at least one, are held encoded and scored at a
  /// time, so that a call keeps to its memory budget.
  virtual std::size_t texts_of_round(std::span<const TextInput> inputs,
                                     const ClassifyOptions& options) const = 0;

  /// Calls take(TextScores) for every text, in order, one round of texts after the other.
  template <class Take>
  void score_in_rounds(std::span<const TextInput> inputs, const ClassifyOptions& options,
                       Take take) const;
  const DecisionPolicy& checked(const ClassifyOptions& options) const;

  LabelVocabulary labels_;
  DecisionPolicy decision_;
  std::vector<std::size_t> excluded_;
  ModelDescription description_;
};

/// The choices that a model directory leaves open.
struct LoadOptions {
  /// Threads that a call uses, the caller's own included. 0: all that this process may use.
  std::size_t threads = 1;
  Precision precision = Precision::kFloat32;
  /// Needed when config.json has no problem_type: "multi_label_classification" (a sigmoid per
  /// label) or "single_label_classification" (a softmax over all).
  std::string problem_type;
  /// The kernels to compute with.
  Backend backend = native_backend();
  /// The vector instructions to compute with; none: the best of this CPU.
  std::optional<InstructionSet> instruction_set;
};

/// Loads a model directory: one that Hugging Face wrote, or `polytag convert`.
/// @throws IoError, FormatError, ConfigError, ShapeError naming the file and what is wrong in it
POLYTAG_EXPORT std::unique_ptr<MultiLabelClassifier> load_classifier(
    const std::string& directory, const LoadOptions& options = {});

/// The same from a model directory that is open already (model/model_directory.hpp), for callers
/// that read other things in it, too.
/// @param model  opened with the problem type of the options
/// @throws ConfigError, ShapeError
POLYTAG_EXPORT std::unique_ptr<MultiLabelClassifier> load_classifier(
    ModelDirectory model, const LoadOptions& options = {});

}  // namespace polytag
