#include "polytag/weights/parameter_layout.hpp"

#include "polytag/encoders/bert/parameters.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("parameter layout: parameters follow each other, each at a cache line",
          "[weights][parameters]") {
  ParameterList list;
  const ParameterId first = list.root("a").add("weight", {3, 5}, {.decays = true});
  const ParameterId scalar = list.root("a").add("scale", {});
  const ParameterId full = list.root("b").add("weight", {4, 4});
  const ParameterLayout layout(list);
  CHECK(layout[first].offset == 0);
  CHECK(layout[first].count == 15);
  CHECK(layout[first].traits.decays);
  CHECK(layout[scalar].offset == 16);
  CHECK(layout[scalar].count == 1);
  CHECK(layout[full].offset == 32);
  CHECK(layout.size() == 48);
  CHECK(layout.element_count() == 32);
  REQUIRE(layout.find("b.weight") != nullptr);
  CHECK(layout.find("b.weight")->shape == Shape{4, 4});
  CHECK(layout.find("b") == nullptr);
}

TEST_CASE("parameter layout: depth grows from the embeddings to the head",
          "[weights][parameters]") {
  BertConfig config;
  config.vocab_size = 10;
  config.hidden_size = config.embedding_size = 8;
  config.num_hidden_layers = config.num_hidden_groups = 3;
  config.num_attention_heads = 2;
  config.intermediate_size = 16;
  config.max_position_embeddings = 6;
  ParameterList list;
  declare_bert(list.root("bert"), config);
  list.root("bert").add("pooler.dense.weight", {8, 8});
  list.root("classifier").add("weight", {2, 8});
  const ParameterLayout layout(list);
  CHECK(layout.head_depth() == 4);
  CHECK(layout.find("bert.embeddings.LayerNorm.weight")->depth == 0);
  CHECK(layout.find("bert.encoder.layer.0.output.dense.bias")->depth == 1);
  CHECK(layout.find("bert.encoder.layer.2.output.dense.bias")->depth == 3);
  CHECK(layout.find("bert.pooler.dense.weight")->depth == 4);
  CHECK(layout.find("classifier.weight")->depth == 4);
}

TEST_CASE("parameter layout: parameters beyond all memory are refused", "[weights][parameters]") {
  ParameterList list;
  const std::size_t huge = std::size_t{1} << 29;
  list.root().add("first", {huge, huge});
  list.root().add("second", {huge, huge});
  CHECK_THROWS_AS(ParameterLayout(list), ShapeError);
}
