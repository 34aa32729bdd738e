#include <algorithm>
#include <set>
#include <string>

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

BertConfig small_config(const BertNames& names) {
  BertConfig config;
  config.names = names;
  config.vocab_size = 10;
  config.hidden_size = config.embedding_size = 12;
  config.num_hidden_layers = config.num_hidden_groups = 4;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = 16;
  config.type_vocab_size = 2;
  return config;
}

std::set<std::string> names_of(const BertConfig& config, const std::string& scope) {
  ParameterList list;
  declare_bert(list.root(scope), config);
  std::set<std::string> names;
  for (const ParameterSpec& spec : list.specs()) names.insert(spec.name);
  return names;
}

}  // namespace

TEST_CASE("bert parameters: each architecture has Hugging Face's names", "[encoders][parameters]") {
  BertConfig albert = small_config(kAlbertNames);
  albert.embedding_size = 7;
  albert.num_hidden_groups = 2;
  albert.inner_group_num = 3;
  const auto of_albert = names_of(albert, "albert");
  CHECK(of_albert.contains(
      "albert.encoder.albert_layer_groups.1.albert_layers.2.attention.query.weight"));
  CHECK(of_albert.contains("albert.encoder.embedding_hidden_mapping_in.bias"));
  const auto of_bert = names_of(small_config(kBertNames), "bert");
  CHECK(of_bert.contains("bert.encoder.layer.3.output.LayerNorm.weight"));
  CHECK(of_bert.contains("bert.embeddings.token_type_embeddings.weight"));
  CHECK(of_bert.size() == 5 + 4 * 16);
  const auto of_distilbert = names_of(small_config(kDistilBertNames), "distilbert");
  CHECK(of_distilbert.contains("distilbert.transformer.layer.0.attention.out_lin.weight"));
  BertConfig electra = small_config(kBertNames);
  electra.embedding_size = 7;
  CHECK(names_of(electra, "electra").contains("electra.embeddings_project.weight"));
}

TEST_CASE("bert parameters: a bare encoder's names have no prefix", "[encoders][parameters]") {
  CHECK(names_of(small_config(kBertNames), "").contains("embeddings.word_embeddings.weight"));
}

TEST_CASE("bert parameters: a model without token types has no table of them",
          "[encoders][parameters]") {
  BertConfig config = small_config(kBertNames);
  config.type_vocab_size = 0;
  CHECK_FALSE(names_of(config, "").contains("embeddings.token_type_embeddings.weight"));
}

TEST_CASE("bert parameters: matrices decay and are quantized, biases and layer norms are not",
          "[encoders][parameters]") {
  ParameterList list;
  const BertParameters parameters = declare_bert(list.root("bert"), small_config(kBertNames));
  const BertLayerParameters& layer = parameters.layers.front();
  const ParameterTraits& matrix = list[layer.attention.query.weight].traits;
  CHECK(matrix.decays);
  CHECK(matrix.quantized_columns == std::vector<std::size_t>{12});
  CHECK(matrix.initialiser == Initialiser::kNormal);
  const ParameterTraits& bias = list[*layer.attention.query.bias].traits;
  CHECK_FALSE(bias.decays);
  CHECK(bias.quantized_columns.empty());
  CHECK(bias.initialiser == Initialiser::kZeros);
  const ParameterTraits& norm = list[layer.output_norm.weight].traits;
  CHECK_FALSE(norm.decays);
  CHECK(norm.initialiser == Initialiser::kOnes);
  // Token types are few and stay as they are on disk.
  CHECK(list[*parameters.embeddings.token_types].traits.quantized_columns.empty());
  CHECK(list[parameters.embeddings.words].traits.decays);
}

TEST_CASE("bert parameters: a configuration that makes no sense declares nothing",
          "[encoders][parameters]") {
  BertConfig config = small_config(kBertNames);
  config.num_attention_heads = 5;
  ParameterList list;
  CHECK_THROWS_AS(declare_bert(list.root(), config), ConfigError);
  CHECK(list.specs().empty());
}
