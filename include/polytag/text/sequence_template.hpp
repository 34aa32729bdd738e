#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "polytag/export.hpp"

namespace polytag {

/// The special tokens that stand around a text, or around a text and its pair, and the type of
/// every token. A tokenizer without a post-processor has a template that adds nothing.
struct SequenceTemplate {
  struct Special {
    std::int32_t id;
    std::int32_t type_id = 0;
    bool operator==(const Special&) const = default;
  };

  /// One of the two layouts: before, text, between, pair, after.
  struct Form {
    std::vector<Special> before = {};
    std::vector<Special> between = {};  ///< empty for a single text
    std::vector<Special> after = {};
    std::int32_t text_type = 0;
    std::int32_t pair_type = 1;
    bool operator==(const Form&) const = default;
  };

  Form single = {};
  Form pair = {};

  const Form& form(bool with_pair) const noexcept { return with_pair ? pair : single; }

  /// How many special tokens a single text or a pair gets.
  std::size_t added(bool with_pair) const noexcept {
    const Form& chosen = form(with_pair);
    return chosen.before.size() + chosen.between.size() + chosen.after.size();
  }

  bool operator==(const SequenceTemplate&) const = default;
};

/// BERT's: cls text sep, or cls text sep pair sep, where the pair and its sep have type 1.
POLYTAG_EXPORT SequenceTemplate bert_sequence_template(std::int32_t cls_token_id,
                                                       std::int32_t sep_token_id);

/// RoBERTa's: cls text sep, or cls text sep sep pair sep, all of type 0.
POLYTAG_EXPORT SequenceTemplate roberta_sequence_template(std::int32_t cls_token_id,
                                                          std::int32_t sep_token_id);

}  // namespace polytag
