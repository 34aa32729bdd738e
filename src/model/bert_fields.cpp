#include "model/bert_fields.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "model/encoder_fields.hpp"

namespace polytag {

namespace {

/// The keys that differ in words, not in meaning.
struct BertKeys {
  std::string_view hidden_size, num_hidden_layers, num_attention_heads, intermediate_size,
      hidden_act;
};

constexpr BertKeys kUsualKeys{"hidden_size", "num_hidden_layers", "num_attention_heads",
                              "intermediate_size", "hidden_act"};
constexpr BertKeys kDistilBertKeys{"dim", "n_layers", "n_heads", "hidden_dim", "activation"};

/// Refuses keys whose values ask for other arithmetic.
void refuse_unsupported(const ConfigReader& reader) {
  for (const std::string_view key : {"is_decoder", "add_cross_attention"}) {
    if (reader.boolean(key).value_or(false)) {
      throw reader.refusal(key, "false: classification reads a text in both directions", "true");
    }
  }
}

/// @param names  of the architecture, of which some have no relative positions
BertPositions read_positions(const ConfigReader& reader, const BertNames& names) {
  const std::string type = reader.string("position_embedding_type").value_or("absolute");
  const bool has_distances = !names.distances.empty();
  if (type == "absolute") return BertPositions::kAbsolute;
  if (type == "relative_key" && has_distances) return BertPositions::kRelativeKey;
  if (type == "relative_key_query" && has_distances) return BertPositions::kRelativeKeyQuery;
  throw reader.refusal(
      "position_embedding_type",
      has_distances ? "\"absolute\", \"relative_key\" or \"relative_key_query\"" : "\"absolute\"",
      "\"" + type + "\"");
}

/// The keys that all of the family have.
BertConfig read_common(const ConfigReader& reader, const BertKeys& keys) {
  const auto size = [&](std::string_view key) { return required_size(reader, key); };
  refuse_unsupported(reader);
  BertConfig config;
  config.vocab_size = size("vocab_size");
  config.hidden_size = config.embedding_size = size(keys.hidden_size);
  config.num_hidden_layers = config.num_hidden_groups = size(keys.num_hidden_layers);
  config.num_attention_heads = size(keys.num_attention_heads);
  config.intermediate_size = size(keys.intermediate_size);
  config.max_position_embeddings = size("max_position_embeddings");
  config.type_vocab_size = reader.size("type_vocab_size").value_or(2);
  config.hidden_act = read_activation(reader, keys.hidden_act);
  // DistilBERT's layer norms have no field of their own; all of them use this value.
  config.layer_norm_eps = static_cast<float>(reader.number("layer_norm_eps").value_or(1e-12));
  return config;
}

/// Words that are an array, or one string with bars between them. None if the key is missing.
std::vector<std::string> words_of(const ConfigReader& reader, std::string_view key) {
  const Json* const value = reader.find(key);
  if (value == nullptr) return {};
  if (!value->is_string()) return *reader.strings(key);
  std::vector<std::string> words;
  std::string text = value->get<std::string>();
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find('|', begin);
    const std::string word = text.substr(begin, end - begin);
    const std::size_t first = word.find_first_not_of(' ');
    if (first != std::string::npos) {
      words.push_back(word.substr(first, word.find_last_not_of(' ') + 1 - first));
    }
  }
  return words;
}

/// The keys of DeBERTa's attention and convolution.
void read_deberta_v2_attention(const ConfigReader& reader, DebertaV2Config& config) {
  config.position_biased_input = reader.boolean("position_biased_input").value_or(true);
  config.relative_attention = reader.boolean("relative_attention").value_or(false);
  config.position_buckets = positive_size(reader, "position_buckets").value_or(0);
  config.max_relative_positions =
      positive_size(reader, "max_relative_positions").value_or(config.bert.max_position_embeddings);
  for (const std::string& term : words_of(reader, "pos_att_type")) {
    if (term != "c2p" && term != "p2c") {
      throw reader.refusal("pos_att_type", "\"c2p\" and \"p2c\"", "\"" + term + "\"");
    }
    (term == "c2p" ? config.content_to_position : config.position_to_content) = true;
  }
  config.share_att_key = reader.boolean("share_att_key").value_or(false);
  config.norm_rel_ebd = std::ranges::count(words_of(reader, "norm_rel_ebd"), "layer_norm") != 0;
  config.conv_kernel_size = positive_size(reader, "conv_kernel_size").value_or(0);
  config.conv_groups = reader.size("conv_groups").value_or(1);
  config.conv_act = read_activation(reader, "conv_act", "tanh");
}

EncoderConfig checked(BertConfig config, const ConfigReader& reader) {
  config.positions = read_positions(reader, config.names);
  config.validate(reader.file());
  return config;
}

}  // namespace

EncoderConfig read_bert(const ConfigReader& reader) {
  return checked(read_common(reader, kUsualKeys), reader);
}

EncoderConfig read_albert(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.names = kAlbertNames;
  config.embedding_size = required_size(reader, "embedding_size");
  config.num_hidden_groups = reader.size("num_hidden_groups").value_or(1);
  config.inner_group_num = reader.size("inner_group_num").value_or(1);
  return checked(config, reader);
}

EncoderConfig read_distilbert(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kDistilBertKeys);
  config.names = kDistilBertNames;
  config.type_vocab_size = 0;
  return checked(config, reader);
}

EncoderConfig read_roberta(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.first_position = reader.size("pad_token_id").value_or(1) + 1;
  config.skips_padding_ids = true;
  return checked(config, reader);
}

EncoderConfig read_mpnet(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.names = kMpnetNames;
  config.type_vocab_size = 0;
  config.first_position = 2;  // whatever pad_token_id says
  config.skips_padding_ids = true;
  config.relative_attention_num_buckets =
      reader.size("relative_attention_num_buckets").value_or(32);
  return checked(config, reader);
}

EncoderConfig read_deberta_v2(const ConfigReader& reader) {
  DebertaV2Config config;
  config.bert = read_common(reader, kUsualKeys);
  config.bert.names = kDebertaV2Names;
  config.bert.embedding_size = reader.size("embedding_size").value_or(config.bert.hidden_size);
  config.bert.type_vocab_size = reader.size("type_vocab_size").value_or(0);
  config.bert.layer_norm_eps = static_cast<float>(reader.number("layer_norm_eps").value_or(1e-7));
  read_deberta_v2_attention(reader, config);
  config.validate(reader.file());
  return config;
}

EncoderConfig read_electra(const ConfigReader& reader) {
  BertConfig config = read_common(reader, kUsualKeys);
  config.embedding_size = required_size(reader, "embedding_size");
  return checked(config, reader);
}

}  // namespace polytag
