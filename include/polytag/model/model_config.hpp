#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "polytag/encoders/encoder_config.hpp"
#include "polytag/export.hpp"
#include "polytag/heads/binary_relevance_config.hpp"
#include "polytag/heads/cls_dense_config.hpp"
#include "polytag/heads/mean_dense_config.hpp"
#include "polytag/heads/seq2seq_config.hpp"
#include "polytag/heads/text_cnn_config.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

/// The configuration of any head that polytag has.
using HeadConfig = std::variant<ClsDenseConfig, MeanClassifierConfig, TextCnnConfig,
                                BinaryRelevanceConfig, Seq2SeqConfig, MeanDenseConfig>;

/// A model as its config.json describes it, with Hugging Face's own keys and an object `polytag`
/// for what Hugging Face has no words for.
struct ModelConfig {
  std::string file;        ///< where it was read, for messages
  std::string model_type;  ///< "bert", "roberta", "modernbert", …
  EncoderConfig encoder;
  /// "multi_label_classification" or "single_label_classification"; empty if neither the file nor
  /// the head says which.
  std::string problem_type;
  LabelVocabulary labels;         ///< `id2label`
  bool has_int8_weights = false;  ///< `quantization_config`

  // The keys of `polytag`, all of them optional.
  HeadConfig head;              ///< `head`, and the keys of that head (docs/model_directory.md)
  DecisionPolicy decision;      ///< `threshold`, `thresholds` {name: cut}, `top_k`, `at_least_one`
  bool has_decision = false;    ///< whether any of these four was given
  bool has_thresholds = false;  ///< whether one of the first three was
  std::vector<std::size_t>
      excluded_labels;  ///< `excluded_labels` [name, …], never an answer; ascending
  std::optional<std::size_t> maximum_tokens;  ///< longer texts are cut, special tokens included
  std::optional<std::size_t> padded_length;   ///< tokens that every text was padded to in training
};

/// Reads and checks a config.json.
/// @param problem_type  goes before the file's; empty: the file decides
/// @throws IoError, FormatError, ConfigError naming the file, the field, what was expected and
///         found; ArgumentError for a problem type that is unknown
POLYTAG_EXPORT ModelConfig read_model_config(const std::filesystem::path& config_file,
                                             const std::string& problem_type = {});

}  // namespace polytag
