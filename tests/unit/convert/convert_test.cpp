#include "polytag/convert/convert.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <variant>

#include "files/json.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/catch.hpp"
#include "support/small_program.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

/// A conversion into a directory of the test's own.
struct Converted {
  explicit Converted(const SmallProgram& program) : Converted(program.write()) {}
  explicit Converted(const fs::path& source) {
    ConvertOptions options;
    options.source = source;
    options.output = output();
    report = convert_checkpoint(options);
  }
  fs::path output() const { return directory.path() / "model"; }
  Json json(const std::string& file) const { return Json::parse(file_bytes(output() / file)); }

  TemporaryDirectory directory;
  ConversionReport report;
};

/// What a conversion throws; nothing may be left of it.
std::string refusal(const SmallProgram& program, ConvertOptions options = {}) {
  const TemporaryDirectory directory;
  options.source = program.write();
  options.output = directory.path() / "model";
  std::string message = "nothing";
  try {
    convert_checkpoint(options);
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 0);
  return message;
}

bool is_left_out(const ConversionReport& report, const std::string& name,
                 const std::string& reason) {
  return std::ranges::any_of(report.left_out, [&](const LeftOutTensor& tensor) {
    return tensor.name == name && tensor.reason == reason;
  });
}

bool has_note(const ConversionReport& report, const std::string& part) {
  return std::ranges::any_of(
      report.notes, [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("convert: a dense head of classifier-multi-label", "[convert]") {
  const Converted converted(SmallProgram().with_dense());
  CHECK(converted.report.head == "cls_dense");
  CHECK(converted.report.model_type == "albert");
  CHECK(converted.report.naming == "TensorFlow's ALBERT in scope albert/");
  CHECK(is_left_out(converted.report, "loss/global_step", "counter of training steps"));

  const Json config = converted.json("config.json");
  CHECK(config["model_type"] == "albert");
  CHECK(config["architectures"] == Json::array({"AlbertForSequenceClassification"}));
  CHECK(config["hidden_act"] == "gelu_new");
  CHECK(config["layer_norm_eps"] == 1e-12);
  CHECK(config["problem_type"] == "multi_label_classification");
  CHECK(config["id2label"] == Json({{"0", "|"}, {"1", "sound"}, {"2", "look"}}));
  CHECK(config["label2id"] == Json({{"|", 0}, {"sound", 1}, {"look", 2}}));
  CHECK(config["polytag"] == Json({{"head", "cls_dense"}, {"excluded_labels", {"|"}}}));

  const Json tokenizer = converted.json("tokenizer_config.json");
  CHECK(tokenizer["basic_tokenizer"] == "tensorflow");
  CHECK(tokenizer["model_max_length"] == 8);
  CHECK(tokenizer["do_lower_case"] == true);

  const ModelDirectory model = open_model_directory(converted.output());
  CHECK(model.config.excluded_labels == std::vector<std::size_t>{0});
  CHECK_FALSE(model.config.padded_length.has_value());  // [CLS] sees no padding
  CHECK(model.weights.read("classifier.weight", {3, 4}).size() == 12);
}

TEST_CASE("convert: a TextCNN head of classifier-multi-label", "[convert]") {
  const Converted converted(SmallProgram().with_text_cnn());
  CHECK(converted.json("config.json")["polytag"] == Json({{"head", "text_cnn"},
                                                          {"filter_sizes", {2, 3}},
                                                          {"num_filters", 5},
                                                          {"padded_length", 8},
                                                          {"excluded_labels", {"|"}}}));
  CHECK(is_left_out(converted.report, "albert/pooler/dense/kernel",
                    "the text_cnn head does not read it"));
  const ModelDirectory model = open_model_directory(converted.output());
  CHECK(std::get<TextCnnConfig>(model.config.head).num_filters == 5);
  CHECK(model.config.padded_length == 8U);
  CHECK(model.weights.find("albert.pooler.weight") == nullptr);
  // [width, hidden, 1, filters] became [filters, width, hidden].
  const Tensor filters = model.weights.read("text_cnn.convolutions.2.weight", {5, 2, 4});
  CHECK(filters.span()[1] - filters.span()[0] == 5.0F);
}

TEST_CASE("convert: the list of filter sizes decides the order of their features", "[convert]") {
  SmallProgram program;
  program.with_text_cnn();
  program.texts["hyperparameters.py"] = "filter_sizes = [3, 2]\nsequence_length = 8\n";
  CHECK(Converted(program).json("config.json")["polytag"]["filter_sizes"] == Json({3, 2}));
  program.texts["hyperparameters.py"] = "filter_sizes = [3, 4]\nsequence_length = 8\n";
  CHECK(Converted(program).json("config.json")["polytag"]["filter_sizes"] == Json({2, 3}));
}

TEST_CASE("convert: a head of binary classifiers of classifier-multi-label", "[convert]") {
  const Converted converted(SmallProgram().with_binary_relevance());
  CHECK(converted.json("config.json")["polytag"] == Json({{"head", "binary_relevance"},
                                                          {"argmax_of_sigmoids", true},
                                                          {"excluded_labels", {"|"}}}));
  const ModelDirectory model = open_model_directory(converted.output());
  CHECK(std::get<BinaryRelevanceConfig>(model.config.head).argmax_of_sigmoids);
  CHECK(model.weights.read("classifiers.weight", {3, 2, 4}).size() == 24);
}

TEST_CASE("convert: a sequence head of classifier-multi-label", "[convert]") {
  SmallProgram program;
  program.with_seq2seq();
  program.texts["hyperparameters.py"] = "sequence_length = 8\nbeam_size = 2\nmax_length = 7\n";
  const Converted converted(program);
  CHECK(converted.json("config.json")["polytag"] == Json({{"head", "seq2seq"},
                                                          {"encoder_units", 4},
                                                          {"encoder_layers", 3},
                                                          {"label_embedding_size", 3},
                                                          {"start_label", "E"},
                                                          {"end_label", "S"},
                                                          {"zero_embedding_label", "S"},
                                                          {"beam_width", 2},
                                                          {"maximum_length", 7},
                                                          {"fill_finished", true},
                                                          {"forget_bias", 1.0},
                                                          {"state_layer", 2},
                                                          {"padded_length", 8},
                                                          {"excluded_labels", {"S", "E", "|"}}}));
  const ModelDirectory model = open_model_directory(converted.output());
  const auto& head = std::get<Seq2SeqConfig>(model.config.head);
  CHECK(head.start_id == 1);
  CHECK(head.end_id == 0);
  CHECK(model.weights.read("seq2seq.decoder.weight", {32, 19}).size() == 32 * 19);

  program.texts["hyperparameters.py"] = "sequence_length = 8\nis_beam_search = False\n";
  CHECK(Converted(program).json("config.json")["polytag"]["beam_width"] == 1);
}

TEST_CASE("convert: a checkpoint of Google's programs gets no quirks", "[convert]") {
  SmallProgram program;
  program.with_dense();
  program.rename("loss/global_step", "global_step");
  program.texts["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nWord\n";
  program.texts.erase("hyperparameters.py");
  const Converted converted(program);
  const Json config = converted.json("config.json");
  CHECK_FALSE(config.contains("polytag"));
  CHECK_FALSE(config.contains("problem_type"));
  CHECK(has_note(converted.report, "add problem_type to config.json"));
  const Json tokenizer = converted.json("tokenizer_config.json");
  CHECK(tokenizer["do_lower_case"] == false);  // the vocabulary has capitals
  CHECK(tokenizer["model_max_length"] == 8);
}

TEST_CASE("convert: what optimizers and averages keep in a graph is left out", "[convert]") {
  SmallProgram program;
  program.with_dense();
  const std::string kernel = "albert/pooler/dense/kernel";
  for (const char* slot : {"/Momentum", "/lamb_m", "/ExponentialMovingAverage", "/SomeOptimizer"}) {
    program.tensors[kernel + slot] = {4, 4};
  }
  program.tensors["output_bias/ExponentialMovingAverage"] = {3};
  program.tensors["training/Adam/" + kernel + "/m"] = {4, 4};
  program.tensors["current_loss_scale"] = {};
  program.tensors["cls/predictions/output_bias"] = {6};
  program.tensors["cls/predictions/output_bias/adam_m"] = {6};
  const Converted converted(program);
  CHECK(is_left_out(converted.report, kernel + "/SomeOptimizer", "optimizer state"));
  CHECK(is_left_out(converted.report, "training/Adam/" + kernel + "/m", "optimizer state"));
  CHECK(is_left_out(converted.report, "output_bias/ExponentialMovingAverage",
                    "moving average of the weights"));
  CHECK(is_left_out(converted.report, "current_loss_scale", "a number of the training"));
  const WeightSource plain = open_safetensors(Converted(SmallProgram().with_dense()).output());
  CHECK(open_safetensors(converted.output()).tensors().size() == plain.tensors().size());
}

TEST_CASE("convert: a graph in another scope, with a head of another name", "[convert]") {
  SmallProgram program;
  program.with_dense();
  std::map<std::string, SmallProgram::Shape> moved;
  for (const auto& [name, shape] : program.tensors) moved["tower/" + name] = shape;
  moved.erase("tower/output_weights");
  moved["tower/topics/kernel"] = {4, 3};
  moved["tower/topics/bias"] = moved["tower/output_bias"];
  moved.erase("tower/output_bias");
  moved.erase("tower/loss/global_step");
  program.tensors = moved;
  const auto options = [&] {
    ConvertOptions converting;
    converting.renames = {{"tower/topics", "classifier"}};
    return converting;
  };
  CHECK_THAT(refusal(program),
             ContainsSubstring("ConvertOptions::renames tower/topics=classifier"));
  const TemporaryDirectory directory;
  ConvertOptions converting = options();
  converting.source = program.write();
  converting.output = directory.path() / "model";
  const ConversionReport report = convert_checkpoint(converting);
  CHECK(report.head == "cls_dense");
  CHECK(report.naming == "TensorFlow's ALBERT in scope tower/albert/");
}

TEST_CASE("convert: an encoder alone keeps its pooler and needs no labels", "[convert]") {
  SmallProgram program;
  program.texts.erase("vocabulary_label.txt");
  const Converted converted(program);
  CHECK(converted.report.head.empty());
  CHECK(has_note(converted.report, "no head"));
  CHECK(converted.json("config.json")["architectures"] == Json::array({"AlbertModel"}));
  CHECK(open_model_directory(converted.output()).weights.find("albert.pooler.weight") != nullptr);
}

TEST_CASE("convert: what was converted converts to itself", "[convert]") {
  const Converted first(SmallProgram().with_text_cnn());
  const Converted second(first.output());
  CHECK(second.report.naming == "Hugging Face's names");
  CHECK(second.report.left_out.empty());
  for (const char* file :
       {"config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"}) {
    CHECK(file_bytes(first.output() / file) == file_bytes(second.output() / file));
  }
}

TEST_CASE("convert: a missing tensor is named as the checkpoint would have it", "[convert]") {
  SmallProgram program;
  program.with_dense();
  const std::string dense =
      "albert/encoder/transformer/group_0/inner_group_0/ffn_1/intermediate/dense/kernel";
  const std::string misspelt =
      "albert/encoder/transformer/group_0/inner_group_0/ffn_1/intermediate/dnese/kernel";
  const std::string expected = "tensor \"" + dense + "\": expected [4, 3], found nothing";
  program.rename(dense, misspelt);
  CHECK_THAT(refusal(program), ContainsSubstring(expected + " (is \"" + misspelt + "\" meant?)"));
  // What has a place of its own was not meant, however near its name is.
  program.tensors.erase(misspelt);
  program.tensors[dense + "/adam_m"] = {4, 3};
  CHECK(refusal(program).ends_with(expected));
}

TEST_CASE("convert: tensors of another shape, or of nobody, are named", "[convert]") {
  SmallProgram program;
  program.with_dense();
  program.tensors["albert/pooler/dense/bias"] = {5};
  CHECK_THAT(refusal(program),
             ContainsSubstring("tensor \"albert.pooler.bias\": expected [4], found [5]"));
  program.tensors["albert/pooler/dense/bias"] = {4};
  program.tensors["extra"] = {1};
  CHECK_THAT(refusal(program),
             ContainsSubstring("tensor \"extra\": expected no tensor of this name"));
  program.tensors.erase("extra");
  program.config["hidden_size"] = 6;
  CHECK_THAT(refusal(program), ContainsSubstring("expected [6"));
}

TEST_CASE("convert: files that are missing are named, and the field that gives them", "[convert]") {
  SmallProgram program;
  program.with_dense();
  program.texts.erase("vocabulary_label.txt");
  CHECK_THAT(refusal(program),
             ContainsSubstring("no such file; needed for the names of the 3 labels") &&
                 ContainsSubstring("ConvertOptions::labels"));
  SmallProgram without_vocabulary;
  without_vocabulary.with_dense().texts.erase("vocab.txt");
  CHECK_THAT(refusal(without_vocabulary), ContainsSubstring("ConvertOptions::vocabulary"));
  SmallProgram without_config;
  without_config.with_dense().config = nullptr;
  CHECK_THAT(refusal(without_config), ContainsSubstring("ConvertOptions::config"));
}

TEST_CASE("convert: a number of labels that the head does not have", "[convert]") {
  SmallProgram program;
  program.with_dense();
  program.texts["vocabulary_label.txt"] = "|\nsound\n";
  CHECK_THAT(refusal(program),
             ContainsSubstring("vocabulary_label.txt: labels: expected 3 labels, as the tensors of "
                               "cls_dense have, and at least 1, found 2"));
  program.texts["vocabulary_label.txt"] = "|\nsound\nsound\n";
  CHECK_THAT(refusal(program), ContainsSubstring("sound"));
  SmallProgram sequence;
  sequence.with_seq2seq();
  sequence.tensors["Decoder/decoder/dense/kernel"] = {8, 2};
  sequence.texts["vocabulary_label.txt"] = "S\nE\n";
  CHECK_THAT(refusal(sequence), ContainsSubstring("and at least 3, found 2"));
  SmallProgram none;
  none.with_dense();
  none.tensors["output_weights"] = {0, 4};
  none.texts["vocabulary_label.txt"] = "";
  CHECK_THAT(refusal(none), ContainsSubstring("and at least 1, found 0"));
}

TEST_CASE("convert: a head that was not expected", "[convert]") {
  SmallProgram program;
  program.with_dense();
  ConvertOptions options;
  options.head = "seq2seq";
  CHECK_THAT(refusal(program, options),
             ContainsSubstring("head: expected seq2seq, found the tensors of cls_dense"));
}

TEST_CASE("convert: a vocabulary with more tokens than embeddings", "[convert]") {
  SmallProgram program;
  program.with_dense();
  program.texts["vocab.txt"] += "more\n";
  CHECK_THAT(refusal(program), ContainsSubstring("vocab.txt: vocabulary: expected at most the 6"));
  // The original gives a repeated token no id.
  program.texts["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\nword \n";
  CHECK_NOTHROW(Converted(program));
}

TEST_CASE("convert: configurations that are none", "[convert]") {
  SmallProgram program;
  program.with_dense();
  for (const Json& config : {Json(3), Json::array(), Json::object()}) {
    program.config = config;
    CHECK(refusal(program) != "nothing");
  }
  SmallProgram other;
  other.with_dense();
  other.config["polytag"] = 3;
  CHECK_THAT(refusal(other), ContainsSubstring("polytag"));
  other.config.erase("polytag");
  other.config["hidden_act"] = "mish";
  CHECK_THAT(refusal(other), ContainsSubstring("hidden_act"));
  other.config["hidden_act"] = Json::array();
  CHECK_THAT(refusal(other), ContainsSubstring("hidden_act"));
}

TEST_CASE("convert: a directory that is there stays as it is", "[convert]") {
  const TemporaryDirectory directory;
  directory.write("file", "mine");
  ConvertOptions options;
  const SmallProgram program;
  options.source = program.write();
  options.output = directory.path();
  CHECK_THROWS_AS(convert_checkpoint(options), IoError);
  CHECK(file_bytes(directory.path() / "file") == "mine");
}

TEST_CASE("convert: a configuration cut anywhere or with any byte changed, only an Error comes out",
          "[convert][property]") {
  SmallProgram program;
  program.with_seq2seq();
  program.texts["vocab.txt"] += "more\n";  // is refused last, so that no disk is waited for
  const fs::path source = program.write();
  const std::string whole = file_bytes(source / "albert_config.json");
  const auto convert = [&](const std::string& text) {
    program.directory.write("albert_config.json", text);
    try {
      Converted{source};
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  REQUIRE_THAT(convert(whole), ContainsSubstring("vocab.txt: vocabulary: expected at most the 6"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    INFO("byte " << i);
    CHECK_NOTHROW(convert(whole.substr(0, i)));
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ (i % 2 == 0 ? 0x01 : 0x10));
    CHECK_NOTHROW(convert(changed));
  }
}

TEST_CASE("convert: a tokenizer's files may lie apart from the configuration", "[convert]") {
  const Converted first(SmallProgram().with_dense());
  const TemporaryDirectory elsewhere;
  fs::rename(first.output() / "config.json", elsewhere.path() / "config.json");
  ConvertOptions options;
  options.source = first.output();
  options.config = elsewhere.path() / "config.json";
  options.output = elsewhere.path() / "model";
  convert_checkpoint(options);
  CHECK(file_bytes(options.output / "tokenizer_config.json") ==
        file_bytes(first.output() / "tokenizer_config.json"));
}
