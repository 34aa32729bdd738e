#include "polytag/model/model_parameters.hpp"

#include <algorithm>

#include "files/json.hpp"
#include "model/model_config_json.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/random_weights.hpp"

using namespace polytag;

namespace {

Json config_json(const std::string& model_type) {
  Json json = Json::parse(R"({
    "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
    "intermediate_size": 20, "max_position_embeddings": 16, "embedding_size": 6, "dim": 12,
    "n_layers": 2, "n_heads": 3, "hidden_dim": 20, "id2label": {"0": "grain", "1": "trade"}})");
  json["model_type"] = model_type;
  return json;
}

ModelConfig config_of(const std::string& model_type) {
  return parse_model_config(config_json(model_type), "config.json");
}

bool has(const ParameterList& list, const std::string& name) { return list.find(name).has_value(); }

/// Weights of a model with more tensors beside them.
WeightSource weights_with(const ParameterList& list, std::vector<ParameterSpec> more) {
  more.insert(more.begin(), list.specs().begin(), list.specs().end());
  return test::random_weights(more);
}

}  // namespace

TEST_CASE("model parameters: each architecture has the head of its ForSequenceClassification",
          "[model][parameters]") {
  const auto albert = model_parameters(config_of("albert"), "albert");
  CHECK(has(albert, "albert.pooler.weight"));
  CHECK(has(albert, "classifier.bias"));
  CHECK(has(model_parameters(config_of("bert"), "bert"), "bert.pooler.dense.weight"));
  CHECK(has(model_parameters(config_of("bert"), ""), "pooler.dense.weight"));
  CHECK(has(model_parameters(config_of("distilbert"), "distilbert"), "pre_classifier.weight"));
  const auto electra = model_parameters(config_of("electra"), "electra");
  CHECK(has(electra, "classifier.dense.weight"));
  CHECK(has(electra, "classifier.out_proj.weight"));
}

TEST_CASE("model parameters: the encoder's prefix is found by its first tensor",
          "[model][parameters]") {
  const ModelConfig config = config_of("bert");
  const auto with_prefix = test::random_weights(model_parameters(config, "bert").specs());
  CHECK(find_encoder_prefix(config, with_prefix) == "bert");
  const auto bare = test::random_weights(model_parameters(config, "").specs());
  CHECK(find_encoder_prefix(config, bare).empty());
}

TEST_CASE("model parameters: what belongs to no part of a model is left unread",
          "[model][parameters]") {
  const ParameterList list = model_parameters(config_of("bert"), "bert");
  const UnreadNames is_unread(list);
  for (const char* name :
       {"loss_fct.pos_weight", "criterion.weight", "loss.bce.pos_weight", "class_weights",
        "pos_weight", "ema.bert.embeddings.word_embeddings.weight", "cls.predictions.bias",
        "teacher.classifier.weight", "bert.embeddings.position_ids", "log_vars"}) {
    CAPTURE(name);
    CHECK(is_unread(name));
  }
  // Within the encoder, a head, another encoder or an encoder without a prefix: never.
  for (const char* name :
       {"bert.encoder.layer.2.output.dense.weight", "classifier.dense.weight",
        "classifier.weight_ema", "text_cnn.convolutions.2.weight", "seq2seq.output.bias",
        "classifiers.weight", "pre_classifier.bias", "albert.pooler_.weight",
        "embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.bias",
        "bert.loss_fct.pos_weight", "classifier.weight"}) {
    CAPTURE(name);
    CHECK_FALSE(is_unread(name));
  }
}

TEST_CASE("model parameters: unread tensors are listed, and others refused",
          "[model][parameters]") {
  const ParameterList list = model_parameters(config_of("bert"), "bert");
  const WeightSource good = weights_with(list, {{"loss_fct.pos_weight", {2}}});
  CHECK_NOTHROW(check_weights(good, list));
  CHECK(unread_tensors(good, list) == std::vector<std::string>{"loss_fct.pos_weight"});
  CHECK_THROWS_WITH(check_weights(weights_with(list, {{"classifier.scale", {2}}}), list),
                    ContainsSubstring("tensor \"classifier.scale\": expected no tensor"));
  CHECK_THROWS_WITH(
      check_weights(weights_with(list, {{"text_cnn.convolutions.2.bias", {2}}}), list),
      ContainsSubstring("text_cnn.convolutions.2.bias"));
}

TEST_CASE("model parameters: a name that nothing declares is suggested for a missing one",
          "[model][parameters]") {
  const ParameterList list = model_parameters(config_of("bert"), "bert");
  std::vector<ParameterSpec> specs(list.specs().begin(), list.specs().end());
  for (ParameterSpec& spec : specs) {
    if (spec.name == "classifier.weight") spec.name = "clasifier.weight";
  }
  CHECK_THROWS_WITH(check_weights(test::random_weights(specs), list),
                    ContainsSubstring("is \"clasifier.weight\" meant?"));
}

TEST_CASE("model config: a problem type that is given goes before the file's", "[model][config]") {
  Json json = config_json("bert");
  const auto activation = [&](const std::string& given) {
    const ModelConfig config = parse_model_config(json, "config.json", given);
    return std::get<ClsDenseConfig>(config.head).activation;
  };
  CHECK(parse_model_config(json, "config.json").problem_type.empty());
  CHECK(activation("single_label_classification") == LabelActivation::kSoftmax);
  json["problem_type"] = "single_label_classification";
  CHECK(activation("") == LabelActivation::kSoftmax);
  CHECK(activation("multi_label_classification") == LabelActivation::kSigmoid);
  CHECK_THROWS_AS(activation("regression"), ArgumentError);
}

TEST_CASE("model config: heads of several labels need no problem type", "[model][config]") {
  Json json = config_json("bert");
  json["polytag"] = {{"head", "binary_relevance"}};
  const ModelConfig config = parse_model_config(json, "config.json");
  CHECK(config.problem_type == "multi_label_classification");
  CHECK(std::get<BinaryRelevanceConfig>(config.head).transform.name == "pooler.dense");
  json["model_type"] = "distilbert";
  CHECK_THROWS_WITH(parse_model_config(json, "config.json"),
                    ContainsSubstring("since distilbert has no pooler"));
}
