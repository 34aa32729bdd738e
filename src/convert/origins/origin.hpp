#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "convert/conversion_source.hpp"
#include "convert/converted_weights.hpp"
#include "convert/names/tensor_names.hpp"
#include "convert/recognised_head.hpp"
#include "files/json.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The tokenizer's files of a model directory: some that are copied, and a configuration that is
/// written where none of them has it.
struct TokenizerFiles {
  std::vector<std::filesystem::path> copied;
  std::filesystem::path vocabulary;  ///< becomes vocab.txt; may be empty
  Json config;                       ///< becomes tokenizer_config.json, unless null
  std::size_t tokens = 0;            ///< in the vocabulary
};

/// A model as the program that saved it left it, in our terms: everything that depends on who wrote
/// the checkpoint is decided here.
struct Origin {
  std::unique_ptr<TensorNames> names;
  ConvertedWeights weights;
  RecognisedHead head;
  Json config;  ///< becomes config.json
  std::filesystem::path
      label_file;  ///< with the names of the labels; empty if config.json has them
  TokenizerFiles tokenizer;
  std::vector<std::string> notes;  ///< decisions that the files did not make, in whole sentences
};

/// The input of the functions that read an origin.
struct OriginFiles {
  const ConversionSource& files;
  const WeightSource& weights;  ///< of the checkpoint, renames applied
  const ConvertOptions& options;
  Json config;  ///< as it lies beside the checkpoint; an object
};

/// Recognises by the names of the tensors which program saved a checkpoint, and reads the rest as
/// that program means it.
/// @throws FormatError if the names are nobody's that polytag knows; IoError, ConfigError,
///         ShapeError as convert_checkpoint() does
Origin read_origin(OriginFiles files);

// The programs that are known.

/// PyTorch programs with Hugging Face's classes.
Origin hugging_face_origin(OriginFiles files);
/// TensorFlow programs with Google's BERT or ALBERT. @param scope  of the encoder in the graph
Origin google_origin(OriginFiles files, const std::string& scope);
/// The four programs of classifier-multi-label, which add heads and habits to Google's.
Origin classifier_multi_label_origin(OriginFiles files, const std::string& scope);
/// Whether one of these four wrote the checkpoint, given that it is a graph of TensorFlow.
bool is_classifier_multi_label(const WeightSource& weights);

/// Checks the names of labels against the last layer of a head.
/// @param least  so many the program needs
void check_label_count(const std::filesystem::path& file, const RecognisedHead& head,
                       std::size_t found, std::size_t least = 1);

}  // namespace polytag
