#include "polytag/encoders/encoder_names.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

TEST_CASE("encoder names: each architecture has Hugging Face's", "[encoders][names]") {
  const WeightSource empty = test::random_weights({});
  const EncoderNames albert("albert", empty);
  CHECK(albert.self_attention(1, 2).query ==
        "albert.encoder.albert_layer_groups.1.albert_layers.2.attention.query");
  CHECK(albert.pooler() == "albert.pooler");
  const EncoderNames bert("bert", empty);
  CHECK(bert.feed_forward(3, 0).layer_norm == "bert.encoder.layer.3.output.LayerNorm");
  const EncoderNames distilbert("distilbert", empty);
  CHECK(distilbert.self_attention(0, 0).output ==
        "distilbert.transformer.layer.0.attention.out_lin");
  CHECK(distilbert.pooler().empty());
  CHECK(EncoderNames("electra", empty).embedding_projection() == "electra.embeddings_project");
}

TEST_CASE("encoder names: a bare encoder's tensors have no prefix", "[encoders][names]") {
  const std::vector<ParameterSpec> bare{{"embeddings.word_embeddings.weight", {2, 2}}};
  CHECK(EncoderNames("bert", test::random_weights(bare)).pooler() == "pooler.dense");
}

TEST_CASE("encoder names: an unknown architecture is refused with those known",
          "[encoders][names]") {
  CHECK_THROWS_WITH(EncoderNames("gpt2", test::random_weights({})),
                    ContainsSubstring("one of albert, bert, distilbert, electra, found \"gpt2\""));
}
