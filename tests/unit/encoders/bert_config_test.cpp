#include "polytag/encoders/bert/config.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

BertConfig valid() {
  BertConfig config;
  config.vocab_size = 10;
  config.hidden_size = config.embedding_size = 12;
  config.num_hidden_layers = config.num_hidden_groups = 2;
  config.num_attention_heads = 3;
  config.intermediate_size = 20;
  config.max_position_embeddings = 16;
  config.type_vocab_size = 2;
  return config;
}

void check_refused(BertConfig config, const std::string& message) {
  CHECK_THROWS_WITH(config.validate("config.json"), ContainsSubstring(message));
}

}  // namespace

TEST_CASE("bert config: a usual one is valid", "[encoders][config]") {
  CHECK_NOTHROW(valid().validate("config.json"));
}

TEST_CASE("bert config: every size out of its range names its field", "[encoders][config]") {
  auto config = valid();
  config.hidden_size = 0;
  check_refused(config, "config.json: hidden_size: expected a whole number from 1");
  config = valid();
  config.num_attention_heads = 5;
  check_refused(config, "hidden_size: expected a multiple of num_attention_heads (5), found 12");
  config = valid();
  config.num_hidden_groups = 3;
  check_refused(config, "num_hidden_groups: expected a whole number from 1 to 2, found 3");
  config = valid();
  config.vocab_size = std::size_t{1} << 40;
  check_refused(config, "vocab_size");
  config = valid();
  config.layer_norm_eps = -1.0F;
  check_refused(config, "layer_norm_eps");
}
