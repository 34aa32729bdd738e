#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "polytag/export.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/training/labelled_texts.hpp"
#include "polytag/training/parameter_store.hpp"

namespace polytag::training {

/// What of a text's hidden states a dense head reads.
enum class Pooling {
  kAuto,  ///< the mean where the encoder's directory has a mean pooling of sentence-transformers
  kCls,
  kMean,
};

/// The model that is to be trained.
struct NewModelOptions {
  std::filesystem::path encoder;  ///< a directory with config.json, tokenizer and safetensors
  std::string head = "cls_dense";
  Pooling pooling = Pooling::kAuto;  ///< of the dense head
  std::size_t maximum_tokens = 128;
  std::uint64_t seed = 42;  ///< of the weights that are new
};

/// A model in training: a pretrained encoder under a head whose weights are new. Moves only.
class POLYTAG_EXPORT NewModel {
 public:
  /// The last layer's bias begins at each label's log-odds among the texts, so that nothing needs
  /// to be learned for rare labels to be rare.
  /// @param texts  labelled with indices of `labels`
  /// @throws ConfigError, ShapeError, IoError, FormatError for a directory that is no encoder's
  NewModel(const NewModelOptions& options, const LabelVocabulary& labels,
           std::span<const LabelledText> texts);
  ~NewModel();
  NewModel(NewModel&&) noexcept;
  NewModel& operator=(NewModel&&) noexcept;

  const ModelConfig& config() const noexcept;
  const std::string& encoder_prefix() const noexcept;
  const Tokenizer& tokenizer() const noexcept;
  std::size_t maximum_tokens() const noexcept;
  ParameterStore& store() noexcept;
  const ParameterStore& store() const noexcept;
  /// Parameters that the encoder's files do not have, beside those of the head's own.
  const std::vector<std::string>& new_parameters() const noexcept;

  /// The model as the library classifies with it: what is measured in training is what the saved
  /// model answers, to the bit. Borrows the store's weights.
  ModelDirectory as_directory() const;

  /// Writes a whole model directory: one that transformers loads as ...ForSequenceClassification,
  /// or, under mean pooling, one that sentence-transformers loads with the same scores. config.json
  /// comes last, so that what lacks a part is no model.
  /// @param decision   thresholds to store; none: 0.5
  /// @param directory  is there already
  void write(const std::filesystem::path& directory,
             const std::optional<DecisionPolicy>& decision) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace polytag::training
