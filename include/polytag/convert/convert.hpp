#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Gives tensors of a checkpoint other names before they are looked at.
///
/// The pattern is a whole name or the beginning of one up to a '.' or '/', as "fc" is of
/// "fc.weight": the name takes its place, and the rest stays. One '*' in it stands for any text,
/// which takes the place of a '*' in the name.
struct TensorRename {
  std::string pattern;
  std::string name;
};

/// The input and output of convert_checkpoint().
struct ConvertOptions {
  /// A TensorFlow checkpoint (its prefix, its index, its only file, or a directory with a
  /// `checkpoint` state file), a PyTorch or safetensors file, a Hugging Face directory, or the
  /// folder of a program of classifier-multi-label as a whole.
  std::filesystem::path source;
  /// The model directory to make; must not exist, or be empty.
  std::filesystem::path output;
  // Files that are not given are looked for beside the checkpoint, and in the program's folder.
  std::optional<std::filesystem::path> config;      ///< albert_config.json, …
  std::optional<std::filesystem::path> vocabulary;  ///< vocab.txt, …
  std::optional<std::filesystem::path> labels;      ///< a label a line: vocabulary_label.txt, …
  std::optional<std::string> head;         ///< an error is thrown if the checkpoint has another one
  std::vector<TensorRename> renames = {};  ///< of several that match a name, the first counts
  /// The prefix of the encoder's tensors, needed where the names do not tell it or several encoders
  /// are there: "teacher.bert.", "tower/bert/".
  std::optional<std::string> encoder_prefix = {};
  /// Stops the conversion between tensors and before the directory gets its name; nothing is left.
  std::stop_token stop = {};
};

/// A tensor that became part of the model.
struct ConvertedTensor {
  std::string source;
  std::string target;
  Shape source_shape;
  Shape target_shape;
  std::string change;  ///< "transposed", "part 3 of 15", or empty where only the name differs
};

/// A tensor, or another value of the checkpoint, that did not.
struct LeftOutTensor {
  std::string name;
  std::string reason;
};

/// The files and tensors that were found, and what became of them.
struct ConversionReport {
  std::filesystem::path checkpoint;
  std::filesystem::path config;
  std::filesystem::path vocabulary;
  std::filesystem::path labels;  ///< empty if config.json has them
  std::string naming;            ///< whose names the tensors had
  std::string model_type;        ///< "albert", "bert", …
  std::string head;              ///< "cls_dense", …; empty for an encoder alone
  std::vector<ConvertedTensor> converted;
  std::vector<LeftOutTensor> left_out;
  std::vector<std::string> notes;  ///< decisions that the files did not make, in whole sentences
};

/// Makes a model directory of another framework's checkpoint: config.json, model.safetensors,
/// vocab.txt and tokenizer_config.json. Every tensor keeps its type and its bits; names become
/// Hugging Face's, kernels [in, out] become weights [out, in]. The directory appears whole or not
/// at all. Models of classifier-multi-label get the fields that make them answer as they did there.
/// docs/convert.md says which names are known and what is left out.
/// @throws IoError     if a file is missing or cannot be read or written
/// @throws FormatError if a file is malformed or has nobody's names
/// @throws ConfigError if the configuration does not fit the tensors, or the head is another one
/// @throws ShapeError  naming the tensor that is missing, unexpected, or has other dimensions
/// @throws ArgumentError if a rename or the encoder's prefix fits no tensor
/// @throws CancelledError once a stop was requested
POLYTAG_EXPORT ConversionReport convert_checkpoint(const ConvertOptions& options);

}  // namespace polytag
