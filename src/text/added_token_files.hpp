#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/json_fields.hpp"
#include "polytag/text/tokenizer_spec.hpp"

namespace polytag::text {

/// The files beside tokenizer.json in which transformers keeps special and added tokens; null where
/// a directory has none.
struct AddedTokenFiles {
  const ConfigReader* config;              ///< tokenizer_config.json
  const ConfigReader* special_tokens_map;  ///< special_tokens_map.json
  const ConfigReader* added_tokens;        ///< added_tokens.json
};

/// What those files say, as transformers 5 takes it: added_tokens_decoder in tokenizer_config.json
/// replaces the two other files; without it, special_tokens_map.json goes before
/// tokenizer_config.json.
struct AddedTokenRecords {
  /// "unk_token", "cls_token", … by name, in the order in which transformers adds them.
  std::vector<std::pair<std::string, AddedToken>> named;
  /// Special tokens of a model's own: other fields that end in "_token", and those with names in
  /// extra_special_tokens.
  std::vector<AddedToken> own;
  /// The list additional_special_tokens or extra_special_tokens.
  std::vector<AddedToken> extra;
  /// added_tokens_decoder or added_tokens.json, in the order of their ids.
  std::vector<AddedToken> listed;
  bool has_decoder = false;

  const AddedToken* find_named(std::string_view name) const;
};

/// @throws ConfigError naming the file and the field
AddedTokenRecords read_added_token_records(const AddedTokenFiles& files);

}  // namespace polytag::text
