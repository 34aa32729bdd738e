#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "files/json_fields.hpp"
#include "model/architectures.hpp"
#include "polytag/model/model_config.hpp"

namespace polytag {

/// The sources of a head's configuration.
struct HeadContext {
  const ConfigReader& config;  ///< config.json
  const ConfigReader& fields;  ///< its object `polytag`
  const Architecture& architecture;
  const LabelVocabulary& labels;
  std::size_t hidden_size;
  LabelActivation activation;  ///< that the problem type asks for
};

/// Everything that tells one head from another in a model directory. To add one, add its row.
struct HeadRow {
  std::string_view name;  ///< `polytag.head`
  /// Reads and checks the head's keys. @throws ConfigError
  HeadConfig (*read)(const HeadContext& context);
  /// Beginnings of the names of its tensors, up to the first dot.
  std::span<const std::string_view> modules;
  bool is_always_multi_label;  ///< whether a model needs no `problem_type`
};

std::span<const HeadRow> head_rows();

/// The row that `polytag.head` names; without it that of a dense layer on [CLS].
/// @throws ConfigError for a name that is unknown, listing those that are known
const HeadRow& read_head_row(const ConfigReader& fields);

/// The index of a label that a key names. @throws ConfigError for a name that is no label's
std::size_t label_index(const ConfigReader& reader, std::string_view key, const std::string& name,
                        const LabelVocabulary& labels);

}  // namespace polytag
