// How config.json describes the encoders beyond BERT, which tensors they need, and what is refused.

#include <string>
#include <vector>

#include "files/json.hpp"
#include "model/model_config_json.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/model/model_parameters.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

/// The sizes that all have.
Json sizes(const std::string& model_type) {
  Json json = Json::parse(R"({
    "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 4, "num_attention_heads": 3,
    "intermediate_size": 20, "max_position_embeddings": 16,
    "problem_type": "multi_label_classification", "id2label": {"0": "grain", "1": "trade"}})");
  json["model_type"] = model_type;
  return json;
}

ModelConfig read(const Json& json) { return parse_model_config(json, "config.json"); }

template <class Config>
Config encoder_of(const Json& json) {
  return std::get<Config>(read(json).encoder);
}

/// The message that a config with one changed field gets.
std::string refusal(Json json, std::string_view field, const Json& value) {
  json[Json::json_pointer(std::string(field))] = value;
  try {
    read(Json::parse(json.dump()));  // numbers become what a file's are
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

/// Whether the model has all of these parameters and none of those.
void check_names(const Json& json, const std::vector<std::string>& present,
                 const std::vector<std::string>& absent) {
  const ModelConfig config = read(json);
  const auto list = model_parameters(config, find_encoder_prefix(config, test::random_weights({})));
  for (const std::string& name : present) {
    INFO(name);
    CHECK(list.find(name).has_value());
  }
  for (const std::string& name : absent) {
    INFO(name);
    CHECK_FALSE(list.find(name).has_value());
  }
}

Json deberta() {
  Json json = sizes("deberta-v2");
  json.merge_patch(Json::parse(R"({
    "relative_attention": true, "position_buckets": 8, "norm_rel_ebd": "layer_norm",
    "share_att_key": true, "pos_att_type": "p2c|c2p", "position_biased_input": false,
    "max_relative_positions": -1, "type_vocab_size": 0})"));
  return json;
}

}  // namespace

TEST_CASE("model config: MPNet has biases of distances and no token types", "[model][config]") {
  Json json = sizes("mpnet");
  json["pad_token_id"] = 7;  // positions go by 1 all the same
  const auto config = encoder_of<BertConfig>(json);
  CHECK(config.first_position == 2);
  CHECK(config.relative_attention_num_buckets == 32);
  CHECK(config.type_vocab_size == 0);
  check_names(json,
              {"mpnet.encoder.relative_attention_bias.weight",
               "mpnet.encoder.layer.3.attention.attn.q.weight",
               "mpnet.encoder.layer.3.attention.LayerNorm.bias", "classifier.out_proj.weight"},
              {"mpnet.embeddings.token_type_embeddings.weight"});
  CHECK_THAT(refusal(json, "/relative_attention_num_buckets", 31),
             ContainsSubstring("relative_attention_num_buckets: expected a whole number from 32"));
  CHECK_THAT(refusal(json, "/position_embedding_type", "relative_key"),
             ContainsSubstring("position_embedding_type: expected \"absolute\""));
}

TEST_CASE("model config: BERT's relative keys have a table in every layer", "[model][config]") {
  for (const char* const type : {"relative_key", "relative_key_query"}) {
    Json json = sizes("bert");
    json["position_embedding_type"] = type;
    CHECK(encoder_of<BertConfig>(json).positions != BertPositions::kAbsolute);
    // The embeddings of positions lie in the file, too.
    check_names(json,
                {"bert.encoder.layer.3.attention.self.distance_embedding.weight",
                 "bert.embeddings.position_embeddings.weight"},
                {});
  }
  CHECK_THAT(refusal(sizes("bert"), "/position_embedding_type", "rotary"),
             ContainsSubstring("expected \"absolute\", \"relative_key\" or \"relative_key_query\", "
                               "found \"rotary\""));
}

TEST_CASE("model config: DeBERTa's positions, convolution and pooler", "[model][config]") {
  const auto v3 = encoder_of<DebertaV2Config>(deberta());
  CHECK(v3.span() == 8);
  CHECK(v3.max_relative_positions == 16);
  CHECK((v3.content_to_position && v3.position_to_content && v3.share_att_key && v3.norm_rel_ebd));
  CHECK(v3.bert.layer_norm_eps == 1e-7F);
  CHECK(v3.conv_kernel_size == 0);
  check_names(deberta(),
              {"deberta.encoder.rel_embeddings.weight", "deberta.encoder.LayerNorm.weight",
               "deberta.encoder.layer.0.attention.self.query_proj.bias", "pooler.dense.weight",
               "classifier.weight"},
              {"deberta.embeddings.position_embeddings.weight",
               "deberta.embeddings.token_type_embeddings.weight",
               "deberta.encoder.layer.0.attention.self.pos_key_proj.weight"});
  Json v2 = deberta();
  v2.merge_patch(Json::parse(R"({
    "share_att_key": false, "pos_att_type": ["c2p"], "position_biased_input": true,
    "type_vocab_size": 2, "embedding_size": 6, "conv_kernel_size": 3, "conv_groups": 2,
    "pooler_hidden_act": "tanh"})"));
  check_names(
      v2,
      {"deberta.embeddings.embed_proj.weight", "deberta.embeddings.position_embeddings.weight",
       "deberta.encoder.conv.conv.weight", "deberta.encoder.conv.LayerNorm.bias",
       "deberta.encoder.layer.0.attention.self.pos_key_proj.weight"},
      {"deberta.embeddings.embed_proj.bias",
       "deberta.encoder.layer.0.attention.self.pos_query_proj.weight"});
  CHECK(std::get<ClsDenseConfig>(read(v2).head).transform.activation == Activation::kTanh);
}

TEST_CASE("model config: DeBERTa's settings that make no sense are refused", "[model][config]") {
  CHECK_THAT(refusal(deberta(), "/pos_att_type", "p2p"), ContainsSubstring("pos_att_type"));
  CHECK_THAT(refusal(deberta(), "/position_buckets", 7),
             ContainsSubstring("position_buckets: expected an even number below"));
  CHECK_THAT(refusal(deberta(), "/position_buckets", 40), ContainsSubstring("position_buckets"));
  CHECK_THAT(refusal(deberta(), "/conv_kernel_size", 4), ContainsSubstring("conv_kernel_size"));
  CHECK_THAT(refusal(deberta(), "/conv_groups", 5), ContainsSubstring("conv_groups"));
  CHECK_THAT(refusal(deberta(), "/max_relative_positions", 1 << 21),
             ContainsSubstring("max_relative_positions"));
  CHECK_THAT(refusal(deberta(), "/pooler_hidden_size", 7), ContainsSubstring("pooler_hidden_size"));
  CHECK_THAT(refusal(deberta(), "/model_type", "deberta"), ContainsSubstring("model_type"));
}

TEST_CASE("model config: both forms of ModernBERT's layers and angles", "[model][config]") {
  Json old = sizes("modernbert");
  old.merge_patch(Json::parse(R"({"global_attn_every_n_layers": 2, "local_attention": 6,
    "global_rope_theta": 5000.0, "position_embedding_type": "absolute"})"));
  old["local_rope_theta"] = nullptr;
  const auto before = encoder_of<ModernBertConfig>(old);
  using enum ModernBertAttention;
  CHECK(before.layer_types == std::vector{kFull, kSliding, kFull, kSliding});
  CHECK(before.global_rope_theta == 5000.0F);
  CHECK(before.local_rope_theta == 5000.0F);
  Json now = sizes("modernbert");
  now.merge_patch(Json::parse(R"({
    "layer_types": ["full_attention", "full_attention", "sliding_attention", "full_attention"],
    "rope_parameters": {"full_attention": {"rope_theta": 7000.0, "rope_type": "default"},
                        "sliding_attention": {"rope_theta": 8000.0}}})"));
  const auto after = encoder_of<ModernBertConfig>(now);
  CHECK(after.layer_types == std::vector{kFull, kFull, kSliding, kFull});
  CHECK(after.global_rope_theta == 7000.0F);
  CHECK(after.local_rope_theta == 8000.0F);
  CHECK(after.local_attention == 128);
  const auto usual = encoder_of<ModernBertConfig>(sizes("modernbert"));
  CHECK(usual.layer_types == std::vector{kFull, kSliding, kSliding, kFull});
  CHECK(usual.global_rope_theta == 160000.0F);
  CHECK(usual.local_rope_theta == 10000.0F);
}

TEST_CASE("model config: ModernBERT has biases where config.json says so, and two poolings",
          "[model][config]") {
  Json json = sizes("modernbert");
  check_names(
      json,
      {"model.embeddings.tok_embeddings.weight", "model.layers.1.attn_norm.weight",
       "model.layers.0.mlp.Wi.weight", "model.final_norm.weight", "head.dense.weight",
       "head.norm.weight", "classifier.bias"},
      {"model.layers.0.attn_norm.weight", "model.layers.0.attn.Wqkv.bias",
       "model.layers.0.mlp.Wo.bias", "model.final_norm.bias", "head.dense.bias", "head.norm.bias"});
  CHECK(std::holds_alternative<ClsDenseConfig>(read(json).head));
  json.merge_patch(Json::parse(R"({"norm_bias": true, "attention_bias": true, "mlp_bias": true,
    "classifier_bias": true, "classifier_pooling": "mean", "classifier_activation": "silu"})"));
  check_names(json,
              {"model.layers.0.attn.Wqkv.bias", "model.layers.0.mlp.Wo.bias",
               "model.final_norm.bias", "head.dense.bias", "head.norm.bias"},
              {});
  CHECK(std::get<MeanClassifierConfig>(read(json).head).transform.activation == Activation::kSilu);
  CHECK_THAT(refusal(json, "/classifier_pooling", "max"),
             ContainsSubstring("classifier_pooling: expected \"cls\" or \"mean\""));
  CHECK_THAT(refusal(json, "/layer_types", Json::array({"full_attention"})),
             ContainsSubstring("layer_types: expected 4, one for each hidden layer, found 1"));
  CHECK_THAT(refusal(json, "/layer_types", Json::array({"linear_attention"})),
             ContainsSubstring("found \"linear_attention\""));
  CHECK_THAT(refusal(json, "/rope_parameters", Json::parse(R"({"full_attention": {"rope_type":
             "yarn"}, "sliding_attention": {}})")),
             ContainsSubstring("rope_parameters.full_attention.rope_type: expected \"default\""));
  CHECK_THAT(refusal(json, "/num_attention_heads", 4), ContainsSubstring("hidden_size"));
  CHECK_THAT(refusal(json, "/global_attn_every_n_layers", 0),
             ContainsSubstring("global_attn_every_n_layers"));
  CHECK_THAT(refusal(json, "/max_position_embeddings", 1 << 20),
             ContainsSubstring("max_position_embeddings"));
}

TEST_CASE("model config: NomicBERT as transformers 5 writes it", "[model][config]") {
  Json json = sizes("nomic_bert");
  json["rope_parameters"] = {{"rope_theta", 500.0}, {"rope_type", "default"}};
  const auto config = encoder_of<NomicBertConfig>(json);
  CHECK(config.rope_theta == 500.0F);
  CHECK(config.hidden_act == Activation::kSilu);
  CHECK(config.type_vocab_size == 2);
  check_names(json,
              {"nomic_bert.emb_ln.weight", "nomic_bert.encoder.layers.3.attn.Wqkv.weight",
               "nomic_bert.encoder.layers.3.mlp.fc11.weight", "nomic_bert.pooler.dense.bias"},
              {"nomic_bert.encoder.layers.3.attn.Wqkv.bias"});
  CHECK_THAT(refusal(json, "/n_embd", 12), ContainsSubstring("n_embd"));
  CHECK_THAT(refusal(json, "/head_dim", 5), ContainsSubstring("head_dim"));
  CHECK_THAT(refusal(json, "/rope_parameters/rope_type", "dynamic"),
             ContainsSubstring("rope_parameters.rope_type"));
}

TEST_CASE("model config: a pooler that other heads read is there but for ELECTRA and DistilBERT",
          "[model][config]") {
  for (const char* const type :
       {"roberta", "mpnet", "deberta-v2", "modernbert", "nomic_bert", "camembert"}) {
    Json json = std::string(type) == "deberta-v2" ? deberta() : sizes(type);
    json["polytag"] = {{"head", "binary_relevance"}};
    INFO(type);
    CHECK(std::holds_alternative<BinaryRelevanceConfig>(read(json).head));
  }
}
