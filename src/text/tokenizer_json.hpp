#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "files/json_fields.hpp"
#include "polytag/text/tokenizer_spec.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag::text {

// The parts of a tokenizer.json, each read from the root of the file. Every function throws
// ConfigError for what is not supported, naming and quoting it.

std::vector<NormalizerStep> read_normalizer(const ConfigReader& root);
std::vector<PreTokenizerStep> read_pre_tokenizer(const ConfigReader& root);
SubwordSpec read_subwords(const ConfigReader& root, const Vocabulary& vocabulary);
std::vector<Vocabulary::Entry> read_model_vocabulary(const ConfigReader& root);

/// An object of tokens and their ids. @throws ConfigError also if two have one id
std::vector<Vocabulary::Entry> read_ids(const ConfigReader& vocab);

/// In the order of the file, with the ids that it states.
std::vector<AddedToken> read_added_tokens(const ConfigReader& root);

struct PostProcessor {
  SequenceTemplate sequence_template = {};
  std::optional<OffsetTrimming> offset_trimming = std::nullopt;
};

/// @param find  the id of a token, of the vocabulary or added
PostProcessor read_post_processor(
    const ConfigReader& root,
    const std::function<std::optional<std::int32_t>(std::string_view)>& find);

/// None if the file asks for no truncation.
std::optional<TruncationSide> read_truncation_direction(const ConfigReader& root);

/// An AddedToken object of any of the files. A token that is not special is normalized unless the
/// object says otherwise.
AddedToken read_added_token(const ConfigReader& token);

/// A field that is an id. @throws ConfigError if it is none
std::int32_t read_id(const ConfigReader& object, std::string_view key);

}  // namespace polytag::text
