#pragma once

#include <cstddef>
#include <string_view>

#include "polytag/encoders/bert/config.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// The shape of a DeBERTa-v2 or -v3 encoder (He et al. 2021); fields are named as in Hugging Face's
/// config.json.
struct POLYTAG_EXPORT DebertaV2Config {
  BertConfig bert;                    ///< sizes, and the layers but for their attention
  bool position_biased_input = true;  ///< whether embeddings have one of the place
  bool relative_attention = false;
  std::size_t position_buckets = 0;        ///< 0: each distance has a row of its own
  std::size_t max_relative_positions = 0;  ///< farther distances are as far as this
  bool content_to_position = false;        ///< "c2p": scores have query . position
  bool position_to_content = false;        ///< "p2c": scores have key . position
  bool share_att_key = false;        ///< whether positions are projected as queries and keys are
  bool norm_rel_ebd = false;         ///< whether the table of positions has a layer norm
  std::size_t conv_kernel_size = 0;  ///< of the convolution behind the first layer; 0: none
  std::size_t conv_groups = 1;
  Activation conv_act = Activation::kTanh;

  /// Rows of the table of positions in each direction.
  std::size_t span() const noexcept {
    return position_buckets != 0 ? position_buckets : max_relative_positions;
  }
  EncoderFacts facts() const noexcept { return bert.facts(); }

  /// @param file  for messages @throws ConfigError naming the field
  void validate(std::string_view file = {}) const;
};

}  // namespace polytag
