#include "polytag/model/model_config.hpp"

#include "files/json.hpp"
#include "model/model_config_json.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

Json bert() {
  return Json::parse(R"({
    "model_type": "bert", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 2,
    "num_attention_heads": 3, "intermediate_size": 20, "max_position_embeddings": 16,
    "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-6,
    "problem_type": "multi_label_classification",
    "id2label": {"1": "trade", "0": "grain", "2": "none"}
  })");
}

ModelConfig read(const Json& json) {
  const TemporaryDirectory directory;
  return read_model_config(directory.write("config.json", json.dump()));
}

const BertConfig& bert_of(const ModelConfig& config) {
  return std::get<BertConfig>(config.encoder);
}

/// The message that a config with one changed field gets.
std::string refusal(std::string_view field, const Json& value, Json json = bert()) {
  json[Json::json_pointer(std::string(field))] = value;
  try {
    read(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("model config: Hugging Face's fields of BERT", "[model][config]") {
  const ModelConfig config = read(bert());
  CHECK(bert_of(config).hidden_size == 12);
  CHECK(bert_of(config).embedding_size == 12);
  CHECK(bert_of(config).num_hidden_groups == 2);
  CHECK(bert_of(config).layer_norm_eps == 1e-6F);
  CHECK(bert_of(config).hidden_act == Activation::kGeluErf);
  CHECK(config.problem_type == "multi_label_classification");
  CHECK(config.labels.names() == std::vector<std::string>{"grain", "trade", "none"});
  CHECK(std::holds_alternative<ClsDenseConfig>(config.head));
  CHECK_FALSE(config.has_decision);
  CHECK_FALSE(config.padded_length);
}

TEST_CASE("model config: DistilBERT has words of its own", "[model][config]") {
  const ModelConfig config = read(Json::parse(R"({
    "model_type": "distilbert", "vocab_size": 30, "dim": 12, "n_layers": 2, "n_heads": 4,
    "hidden_dim": 20, "max_position_embeddings": 16, "activation": "relu"})"));
  CHECK(bert_of(config).num_attention_heads == 4);
  CHECK(bert_of(config).intermediate_size == 20);
  CHECK(bert_of(config).type_vocab_size == 0);
  CHECK(bert_of(config).hidden_act == Activation::kRelu);
  CHECK(config.problem_type.empty());
  CHECK(config.labels.names() == std::vector<std::string>{"LABEL_0", "LABEL_1"});
}

TEST_CASE("model config: RoBERTa and its kin count positions from behind the padding id",
          "[model][config]") {
  for (const char* const type : {"roberta", "xlm-roberta", "camembert"}) {
    Json json = bert();
    json["model_type"] = type;
    CHECK(bert_of(read(json)).first_position == 2);
    CHECK(bert_of(read(json)).skips_padding_ids);
    json["pad_token_id"] = 3;
    const ModelConfig config = read(json);
    CHECK(bert_of(config).first_position == 4);
    CHECK(facts_of(config.encoder).maximum_tokens == 12);
    CHECK(std::get<ClsDenseConfig>(config.head).classifier == "classifier.out_proj");
  }
}

TEST_CASE("model config: the polytag object holds decisions and quirks", "[model][config]") {
  Json json = bert();
  json["polytag"] = Json::parse(R"({"threshold": 0.4, "thresholds": {"trade": 0.25}, "top_k": 2,
    "at_least_one": true, "excluded_labels": ["none", "grain", "none"],
    "padded_length": 10})");
  const ModelConfig config = read(json);
  CHECK(config.has_decision);
  CHECK(config.decision.label_thresholds == std::vector<float>{0.4F, 0.25F, 0.4F});
  CHECK(config.decision.top_k == std::size_t{2});
  CHECK(config.decision.at_least_one);
  CHECK(config.excluded_labels == std::vector<std::size_t>{0, 2});
  CHECK(config.padded_length == std::size_t{10});
}

TEST_CASE("model config: a field that cannot be served is named with what was expected",
          "[model][config]") {
  CHECK_THAT(refusal("/model_type", "gpt2"), ContainsSubstring("one of albert, bert"));
  CHECK_THAT(refusal("/model_type", nullptr), ContainsSubstring("model_type: expected"));
  CHECK_THAT(refusal("/hidden_size", "big"),
             ContainsSubstring("hidden_size: expected a whole number"));
  CHECK_THAT(refusal("/hidden_size", -12), ContainsSubstring("found -12"));
  CHECK_THAT(refusal("/hidden_size", 12.5), ContainsSubstring("found 12.5"));
  CHECK_THAT(refusal("/vocab_size", nullptr), ContainsSubstring("vocab_size"));
  CHECK_THAT(refusal("/hidden_act", "mish"), ContainsSubstring("gelu_pytorch_tanh"));
  CHECK_THAT(refusal("/is_decoder", true), ContainsSubstring("is_decoder"));
  CHECK_THAT(refusal("/position_embedding_type", "rotary"), ContainsSubstring("absolute"));
  CHECK_THAT(refusal("/problem_type", "regression"),
             ContainsSubstring("single_label_classification"));
  CHECK_THAT(refusal("/id2label", Json::array()), ContainsSubstring("id2label"));
  CHECK_THAT(refusal("/id2label/7", "x"), ContainsSubstring("\"0\" to \"3\""));
  CHECK_THAT(refusal("/id2label/01", "x"), ContainsSubstring("id2label"));
  CHECK_THAT(refusal("/id2label/2", "grain"),
             ContainsSubstring("label \"grain\": expected one index"));
  CHECK_THAT(refusal("/id2label/2", true), ContainsSubstring("id2label.2: expected a string"));
}

TEST_CASE("model config: a few bytes cannot ask for parameters or labels without end",
          "[model][config]") {
  Json json = bert();
  json["model_type"] = "albert";
  json["embedding_size"] = 4;
  json["num_hidden_layers"] = 4096;
  json["num_hidden_groups"] = 4096;
  CHECK(refusal("/inner_group_num", 1, json) == "accepted");
  CHECK_THAT(refusal("/inner_group_num", 2, json),
             ContainsSubstring("inner_group_num: expected a whole number from 1 to 1, found 2"));
  json.erase("id2label");
  CHECK_THAT(refusal("/num_labels", 1 << 24, json), ContainsSubstring("num_labels"));
}

TEST_CASE("model config: a wrong polytag object is named to the field", "[model][config]") {
  CHECK_THAT(refusal("/polytag", 3), ContainsSubstring("polytag: expected an object"));
  Json json = bert();
  json["polytag"] = Json::object();
  CHECK_THAT(refusal("/polytag/threshold", 1.5, json), ContainsSubstring("polytag.threshold"));
  CHECK_THAT(refusal("/polytag/top_k", 0, json), ContainsSubstring("polytag.top_k"));
  CHECK_THAT(refusal("/polytag/padded_length", 17, json), ContainsSubstring("from 3 to"));
  CHECK_THAT(refusal("/polytag/excluded_labels", Json::array({"x"}), json),
             ContainsSubstring("names of labels in id2label, found \"x\""));
  json["polytag"]["thresholds"] = Json::object();
  CHECK_THAT(refusal("/polytag/thresholds/x", 0.5, json), ContainsSubstring("found \"x\""));
  CHECK_THAT(refusal("/polytag/thresholds/trade", "high", json),
             ContainsSubstring("polytag.thresholds.trade: expected a number"));
}

TEST_CASE("model config: a head's settings are checked before anything is made of them",
          "[model][config]") {
  Json json = bert();
  json["polytag"] =
      Json::parse(R"({"head": "text_cnn", "filter_sizes": [2, 3], "num_filters": 4})");
  CHECK(std::get<TextCnnConfig>(read(json).head).hidden_size == 12);
  CHECK_THAT(refusal("/polytag/filter_sizes", Json::array(), json),
             ContainsSubstring("config.json: filter_sizes: expected at least one size"));
  json["polytag"] = Json::parse(R"({"head": "seq2seq", "encoder_units": 5, "encoder_layers": 3,
    "label_embedding_size": 4, "start_label": "none", "end_label": "grain", "maximum_length": 5,
    "beam_width": 5, "state_layer": 2})");
  const auto head = std::get<Seq2SeqConfig>(read(json).head);
  CHECK(head.start_id == 2);
  CHECK(head.end_id == 0);
  CHECK(head.beam_width == 5);
  CHECK_THAT(refusal("/polytag/encoder_layers", std::size_t{1} << 60U, json),
             ContainsSubstring("config.json: encoder_layers: expected a whole number from 1"));
  CHECK_THAT(refusal("/polytag/beam_width", 1000000, json), ContainsSubstring("beam_width"));
  CHECK_THAT(refusal("/polytag/state_layer", 3, json), ContainsSubstring("state_layer"));
}

TEST_CASE("model config: a missing or broken file is an error that names it", "[model][config]") {
  CHECK_THROWS_AS(read_model_config("/nonexistent/config.json"), IoError);
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(read_model_config(directory.write("config.json", "{")),
                    ContainsSubstring("config.json: JSON"));
  CHECK_THROWS_AS(read_model_config(directory.write("config.json", "[]")), ConfigError);
}

TEST_CASE("model config: one label and a softmax are refused, as Hugging Face refuses them",
          "[model][config]") {
  Json json = bert();
  json["problem_type"] = "single_label_classification";
  CHECK(read(json).labels.size() == 3);
  json["id2label"] = {{"0", "toxic"}};
  const auto refusal = ContainsSubstring(
      "problem_type: expected \"multi_label_classification\" for a model with one label");
  CHECK_THROWS_WITH(read(json), refusal);
  CHECK(parse_model_config(json, "", "multi_label_classification").labels.size() == 1);
  json["problem_type"] = "multi_label_classification";
  CHECK(read(json).labels.size() == 1);
  CHECK_THROWS_WITH(parse_model_config(json, "", "single_label_classification"), refusal);
  CHECK_THROWS_AS(parse_model_config(json, "", "single_label_classification"), ArgumentError);
}

TEST_CASE("model config: label names that are numbers are names, twins are refused",
          "[model][config]") {
  Json json = bert();
  json["id2label"] = Json::parse(R"({"0": "27", "1": 3, "2": -1})");
  CHECK(read(json).labels.names() == std::vector<std::string>{"27", "3", "-1"});
  CHECK_THAT(refusal("/id2label/1", 0.5), ContainsSubstring("id2label.1: expected a string"));
  // Thresholds, columns and labelled texts name labels: one name cannot stand for two.
  CHECK_THAT(refusal("/id2label/0", "trade"),
             ContainsSubstring("label \"trade\": expected one index, found 0 and 1"));
}
