#include "convert/names/tensorflow_names.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint_fixture.hpp"
#include "convert/origins/classifier_multi_label_rules.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

TensorFlowNames albert(const std::string& scope = "albert/") {
  return TensorFlowNames(
      CheckpointFixture()
          .add(scope + "embeddings/word_embeddings", {1, 1})
          .add(scope + "encoder/transformer/group_0/inner_group_0/LayerNorm/beta", {1})
          .source(),
      scope, classifier_multi_label::kHeads);
}

TensorFlowNames bert() {
  return TensorFlowNames(
      CheckpointFixture().add("bert/embeddings/word_embeddings", {1, 1}).source(), "bert/");
}

struct Expected {
  std::string foreign;
  std::string ours;
  bool transposed = false;
};

void check(const TensorNames& names, const std::string& prefix, const std::string& our_prefix,
           const std::vector<Expected>& all) {
  for (const Expected& expected : all) {
    INFO(prefix << expected.foreign);
    const MappedName mapped = names.map(prefix + expected.foreign);
    CHECK(mapped.target == our_prefix + expected.ours);
    CHECK(mapped.transposed == expected.transposed);
    CHECK_FALSE(mapped.part.has_value());
    CHECK(mapped.left_out.empty());
  }
}

}  // namespace

TEST_CASE("tensorflow_names: TensorFlow's ALBERT becomes Hugging Face's, in either scope",
          "[convert][name_map]") {
  for (const std::string scope : {"albert/", "bert/", "module/bert/"}) {
    const TensorFlowNames names = albert(scope);
    CHECK(names.model_type() == "albert");
    CHECK(names.description() == "TensorFlow's ALBERT in scope " + scope);
    check(names, scope, "albert.",
          {{"embeddings/word_embeddings", "embeddings.word_embeddings.weight"},
           {"embeddings/token_type_embeddings", "embeddings.token_type_embeddings.weight"},
           {"embeddings/position_embeddings", "embeddings.position_embeddings.weight"},
           {"embeddings/LayerNorm/gamma", "embeddings.LayerNorm.weight"},
           {"embeddings/LayerNorm/beta", "embeddings.LayerNorm.bias"},
           {"encoder/embedding_hidden_mapping_in/kernel",
            "encoder.embedding_hidden_mapping_in.weight", true},
           {"encoder/embedding_hidden_mapping_in/bias", "encoder.embedding_hidden_mapping_in.bias"},
           {"pooler/dense/kernel", "pooler.weight", true},
           {"pooler/dense/bias", "pooler.bias"}});
    check(names, scope + "encoder/transformer/group_1/inner_group_12/",
          "albert.encoder.albert_layer_groups.1.albert_layers.12.",
          {{"attention_1/self/query/kernel", "attention.query.weight", true},
           {"attention_1/self/key/bias", "attention.key.bias"},
           {"attention_1/self/value/kernel", "attention.value.weight", true},
           {"attention_1/output/dense/kernel", "attention.dense.weight", true},
           {"LayerNorm/gamma", "attention.LayerNorm.weight"},
           {"ffn_1/intermediate/dense/kernel", "ffn.weight", true},
           {"ffn_1/intermediate/output/dense/kernel", "ffn_output.weight", true},
           {"LayerNorm_1/beta", "full_layer_layer_norm.bias"}});
  }
}

TEST_CASE("tensorflow_names: TensorFlow's BERT becomes Hugging Face's", "[convert][name_map]") {
  CHECK(bert().model_type() == "bert");
  check(bert(), "bert/encoder/layer_11/", "bert.encoder.layer.11.",
        {{"attention/self/query/kernel", "attention.self.query.weight", true},
         {"attention/self/key/bias", "attention.self.key.bias"},
         {"attention/self/value/kernel", "attention.self.value.weight", true},
         {"attention/output/dense/kernel", "attention.output.dense.weight", true},
         {"attention/output/LayerNorm/gamma", "attention.output.LayerNorm.weight"},
         {"intermediate/dense/kernel", "intermediate.dense.weight", true},
         {"output/dense/bias", "output.dense.bias"},
         {"output/LayerNorm/beta", "output.LayerNorm.bias"}});
  check(bert(), "bert/", "bert.",
        {{"embeddings/LayerNorm/gamma", "embeddings.LayerNorm.weight"},
         {"pooler/dense/kernel", "pooler.dense.weight", true}});
}

TEST_CASE("tensorflow_names: the four heads of classifier-multi-label", "[convert][name_map]") {
  check(albert(), "", "",
        {{"output_weights", "classifier.weight"},
         {"output_bias", "classifier.bias"},
         {"TextCNN/conv-maxpool-2/W", "text_cnn.convolutions.2.weight", true},
         {"TextCNN/conv-maxpool-17/b", "text_cnn.convolutions.17.bias"}});
  check(albert(), "Encoder/bidirectional_rnn/", "seq2seq.encoder.",
        {{"fw/multi_rnn_cell/cell_0/basic_lstm_cell/kernel", "forward.0.weight", true},
         {"bw/multi_rnn_cell/cell_2/basic_lstm_cell/bias", "backward.2.bias"}});
  check(albert(), "Decoder/", "seq2seq.",
        {{"memory_layer/kernel", "memory_layer.weight", true},
         {"decoder_embedding", "label_embedding.weight"},
         {"decoder/attention_wrapper/basic_lstm_cell/kernel", "decoder.weight", true},
         {"decoder/attention_wrapper/basic_lstm_cell/bias", "decoder.bias"},
         {"decoder/attention_wrapper/bahdanau_attention/query_layer/kernel",
          "attention.query_layer.weight", true},
         {"decoder/attention_wrapper/bahdanau_attention/attention_v", "attention.v"},
         {"decoder/attention_wrapper/attention_layer/kernel", "attention_layer.weight", true},
         {"decoder/dense/kernel", "output.weight", true},
         {"decoder/dense/bias", "output.bias"}});
}

TEST_CASE("tensorflow_names: a classifier for each label is a part of one tensor",
          "[convert][name_map]") {
  const MappedName weight = albert().map("output_weights14");
  CHECK(weight.target == "classifiers.weight");
  CHECK(weight.part == 14U);
  CHECK_FALSE(weight.transposed);
  CHECK(albert().map("output_bias0").target == "classifiers.bias");
  CHECK(albert().map("output_bias0").part == 0U);
}

TEST_CASE("tensorflow_names: numbers that no checkpoint has are no numbers",
          "[convert][name_map]") {
  for (const std::string name :
       {"output_weights01", "output_weights1234567", "output_weights-1", "output_weights1x",
        "TextCNN/conv-maxpool-/W", "TextCNN/conv-maxpool-0x2/W"}) {
    CHECK(albert().map(name).target == name);
    CHECK_FALSE(albert().map(name).part.has_value());
  }
}

TEST_CASE("tensorflow_names: what only pre-training uses is left out", "[convert][name_map]") {
  CHECK(albert().map("cls/predictions/output_bias").left_out == "only pre-training uses it");
}

TEST_CASE("tensorflow_names: a layer of the name of our head is one", "[convert][name_map]") {
  check(bert(), "", "",
        {{"classifier/kernel", "classifier.weight", true}, {"classifier/bias", "classifier.bias"}});
  CHECK(bert().original_name("classifier.weight") == "output_weights");
}

TEST_CASE("tensorflow_names: a name that means nothing stays, so that it is reported",
          "[convert][name_map]") {
  for (const std::string name :
       {"albert/encoder/transformer/group_0/inner_group_0/attention_1/self/qurey/kernel",
        "albert/encoder/layer_0/output/dense/kernel", "albert/pooler/dense/kernel/extra",
        "pooler/dense/kernel", "albert/pooler/dense/matrix", ""}) {
    const MappedName mapped = albert().map(name);
    CHECK(mapped.target == name);
    CHECK(mapped.left_out.empty());
    CHECK_FALSE(mapped.transposed);
  }
}

TEST_CASE("tensorflow_names: our names lead back to the checkpoint's", "[convert][name_map]") {
  for (const std::string name :
       {"bert/encoder/transformer/group_1/inner_group_12/ffn_1/intermediate/output/dense/bias",
        "bert/encoder/transformer/group_0/inner_group_0/LayerNorm/gamma",
        "bert/pooler/dense/kernel", "bert/embeddings/LayerNorm/beta", "TextCNN/conv-maxpool-7/W",
        "output_weights0",
        "Encoder/bidirectional_rnn/bw/multi_rnn_cell/cell_2/basic_lstm_cell/kernel",
        "Decoder/decoder/attention_wrapper/bahdanau_attention/attention_v"}) {
    CHECK(albert("bert/").original_name(albert("bert/").map(name).target) == name);
  }
  CHECK(albert().original_name("unknown") == "unknown");
  CHECK(albert().original_name("albert.unknown") == "albert.unknown");
}

TEST_CASE("tensorflow_names: finds the scopes of encoders, but not of their averages",
          "[convert][name_map]") {
  const auto scopes = [](const std::vector<std::string>& names) {
    CheckpointFixture fixture;
    for (const std::string& name : names) fixture.add(name, {1, 1});
    return TensorFlowNames::scopes(fixture.source());
  };
  using Scopes = std::vector<std::string>;
  CHECK(scopes({"bert/embeddings/word_embeddings"}) == Scopes{"bert/"});
  CHECK(scopes({"a/b/embeddings/word_embeddings", "bert/embeddings/word_embeddings/Adam"}) ==
        Scopes{"a/b/"});
  CHECK(scopes({"ema/bert/embeddings/word_embeddings", "w"}).empty());
  CHECK(scopes({"bert.embeddings.word_embeddings.weight"}).empty());
}
