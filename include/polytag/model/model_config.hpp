#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "polytag/encoders/encoder_config.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

using HeadConfig =
    std::variant<ClsDenseConfig, TextCnnConfig, BinaryRelevanceConfig, Seq2SeqConfig>;

/// What config.json says of a model: Hugging Face's own keys, and an object `polytag` for what it
/// has no words for.
struct ModelConfig {
  std::string file;  ///< where it was read, for messages
  EncoderConfig encoder;
  std::string problem_type;       ///< empty if the file does not say
  LabelVocabulary labels;         ///< `id2label`
  bool has_int8_weights = false;  ///< `quantization_config`

  // The keys of `polytag`, all of them optional.
  HeadConfig head;              ///< `head`, and the keys of that head (docs/model_directory.md)
  DecisionPolicy decision;      ///< `threshold`, `thresholds` {name: cut}, `top_k`, `at_least_one`
  bool has_decision = false;    ///< whether any of these four was given
  bool has_thresholds = false;  ///< whether one of the first three was
  std::vector<std::size_t>
      excluded_labels;  ///< `excluded_labels` [name, …], never an answer; ascending
  std::optional<std::size_t> padded_length;  ///< tokens that every text was padded to in training
};

/// Reads and checks a config.json.
/// @throws IoError, FormatError, ConfigError naming the file, the field, what was expected and
/// found
ModelConfig read_model_config(const std::filesystem::path& config_file);

}  // namespace polytag
