#include "polytag/text/sequence_template.hpp"

namespace polytag {

SequenceTemplate bert_sequence_template(std::int32_t cls_token_id, std::int32_t sep_token_id) {
  return {
      .single = {.before = {{cls_token_id}}, .after = {{sep_token_id}}},
      .pair = {
          .before = {{cls_token_id}}, .between = {{sep_token_id}}, .after = {{sep_token_id, 1}}}};
}

SequenceTemplate roberta_sequence_template(std::int32_t cls_token_id, std::int32_t sep_token_id) {
  return {.single = {.before = {{cls_token_id}}, .after = {{sep_token_id}}},
          .pair = {.before = {{cls_token_id}},
                   .between = {{sep_token_id}, {sep_token_id}},
                   .after = {{sep_token_id}},
                   .pair_type = 0}};
}

}  // namespace polytag
