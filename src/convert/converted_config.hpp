#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "convert/hyperparameters.hpp"
#include "convert/name_map.hpp"
#include "convert/recognised_head.hpp"
#include "files/json.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

/// The label vocabulary of classifier-multi-label for sequences begins with so many that are no
/// labels: end, start and none.
inline constexpr std::size_t kControlLabels = 3;

/// What decides how a converted model's configuration reads.
struct ConfigContext {
  const NameMap& names;
  const Hyperparameters& hyperparameters;
  /// Whether one of the graphs of classifier-multi-label wrote the checkpoint.
  bool is_classifier_multi_label;
};

/// The encoder's part of config.json, in Hugging Face's words.
/// @param config  as it was found beside the checkpoint
/// @param notes   gets what was decided
Json encoder_config(Json config, const ConfigContext& context, std::vector<std::string>& notes);

/// Adds the head, its labels, and what makes the model answer as the original does.
/// @param labels  the names, or none if config.json has them; in a sequence model of
///                classifier-multi-label at least kControlLabels, in its others at least one
void add_head(Json& config, const RecognisedHead& head, const std::vector<std::string>& labels,
              const ConfigContext& context, std::vector<std::string>& notes);

/// tokenizer_config.json for a vocabulary of TensorFlow's BERT and ALBERT.
/// @param vocabulary  its words tell whether the model knows capitals
Json tokenizer_config(const Vocabulary& vocabulary, const ConfigContext& context,
                      std::size_t maximum_tokens, std::vector<std::string>& notes);

}  // namespace polytag
