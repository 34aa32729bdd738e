#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "convert/names/tensorflow_names.hpp"
#include "convert/origins/origin.hpp"

namespace polytag {

// The steps that all origins with Google's encoders share.

struct Graph {
  std::unique_ptr<TensorFlowNames> names;
  ConvertedWeights weights;
  RecognisedHead head;
};

/// @param scope       of the encoder
/// @param head_rules  names of heads, beside those of Google's classifiers
Graph read_graph(const OriginFiles& files, const std::string& scope,
                 std::span<const name_rules::Rule> head_rules);

/// config.json without the head, in Hugging Face's words.
/// @param config  as it was found beside the checkpoint
/// @param notes   gets what was decided
Json graph_config(Json config, const Graph& graph, std::vector<std::string>& notes);

/// The names of the labels, checked; none for an encoder alone. @param least  so many are needed
std::vector<std::string> read_graph_labels(const ConversionSource& files,
                                           const RecognisedHead& head, std::size_t least);

/// A tokenizer that splits texts as TensorFlow's programs do.
/// @param lower_case  whether texts are lower-cased; if nothing says so, the vocabulary tells
TokenizerFiles graph_tokenizer(const ConversionSource& files, std::optional<bool> lower_case,
                               std::vector<std::string>& notes);

/// The origin that these steps make. @param labels  none for an encoder alone
Origin graph_origin(Graph graph, const ConversionSource& files, Json config,
                    const std::vector<std::string>& labels, TokenizerFiles tokenizer,
                    std::vector<std::string> notes);

}  // namespace polytag
