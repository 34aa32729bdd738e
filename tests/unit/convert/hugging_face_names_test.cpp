#include "convert/names/hugging_face_names.hpp"

#include <string>
#include <vector>

#include "checkpoint_fixture.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

WeightSource source_of(const std::vector<std::string>& names) {
  CheckpointFixture fixture;
  for (const std::string& name : names) fixture.add(name, {1});
  return fixture.source();
}

HuggingFaceNames names_behind(const std::string& prefix) {
  return HuggingFaceNames(source_of({prefix + "embeddings.word_embeddings.weight"}), "bert",
                          std::nullopt);
}

struct Expected {
  std::string name;
  std::string ours;
};

void check(const HuggingFaceNames& names, const std::vector<Expected>& all) {
  for (const auto& [name, ours] : all) {
    INFO(name);
    CHECK(names.map(name).target == ours);
    CHECK_FALSE(names.map(name).transposed);
  }
}

}  // namespace

TEST_CASE("hugging_face_names: names stay, but for those of the first years",
          "[convert][name_map]") {
  CHECK(names_behind("bert.").description() == "Hugging Face's names");
  check(names_behind("bert."),
        {{"bert.pooler.dense.weight", "bert.pooler.dense.weight"},
         {"classifier.weight", "classifier.weight"},
         {"bert.embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight"},
         {"bert.embeddings.LayerNorm.beta", "bert.embeddings.LayerNorm.bias"},
         {"anything", "anything"},
         {"", ""}});
  check(names_behind(""), {{"pooler.dense.weight", "pooler.dense.weight"}});
  for (const char* head : {"cls.predictions.bias", "predictions.bias", "sop_classifier.x"}) {
    CHECK(names_behind("bert.").map(head).left_out == "only pre-training uses it");
  }
}

TEST_CASE("hugging_face_names: segments of wrappers are dropped wherever they stand",
          "[convert][name_map]") {
  for (const std::string wrapper : {"module.", "_orig_mod.", "_fsdp_wrapped_module.",
                                    "_checkpoint_wrapped_module.", "_orig_mod.module."}) {
    const HuggingFaceNames names = names_behind(wrapper + "bert.");
    check(names, {{wrapper + "bert.pooler.dense.weight", "bert.pooler.dense.weight"},
                  {wrapper + "classifier.bias", "classifier.bias"},
                  {"bert." + wrapper + "encoder.layer.0.output.dense.bias",
                   "bert.encoder.layer.0.output.dense.bias"},
                  {"my_module.x", "my_module.x"}});
  }
}

TEST_CASE("hugging_face_names: attributes that hold the whole model are dropped",
          "[convert][name_map]") {
  for (const std::string outer : {"model.", "self.net.", "model._orig_mod."}) {
    INFO(outer);
    check(names_behind(outer + "bert."),
          {{outer + "bert.pooler.dense.weight", "bert.pooler.dense.weight"},
           {outer + "classifier.bias", "classifier.bias"},
           {"loss_fct.pos_weight", "loss_fct.pos_weight"}});
  }
  CHECK(names_behind("model.bert.").description() == "Hugging Face's names behind model.");
  CHECK(names_behind("model.bert.").original_name("classifier.bias") == "model.classifier.bias");
  CHECK(names_behind("model.bert.").original_name("bert.x") == "model.bert.x");
}

TEST_CASE("hugging_face_names: an attribute that holds the encoder alone stands for its name",
          "[convert][name_map]") {
  const HuggingFaceNames names = names_behind("l1.");
  check(names, {{"l1.pooler.dense.weight", "bert.pooler.dense.weight"},
                {"l1.embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight"},
                {"l3.weight", "l3.weight"},
                {"classifier.weight", "classifier.weight"}});
  CHECK(names.description() == "Hugging Face's names, with l1. for bert.");
  CHECK(names.original_name("bert.pooler.dense.weight") == "l1.pooler.dense.weight");
  CHECK(names.original_name("classifier.weight") == "classifier.weight");
  check(names_behind("net.encoder."),
        {{"net.encoder.pooler.dense.weight", "bert.pooler.dense.weight"},
         {"net.classifier.weight", "classifier.weight"}});
}

TEST_CASE("hugging_face_names: an encoder is called as its architecture calls it",
          "[model][name_map]") {
  const std::string word = "embeddings.word_embeddings.weight";
  const HuggingFaceNames names(source_of({"encoder." + word}), "xlm-roberta", std::nullopt);
  check(names, {{"encoder." + word, "roberta." + word},
                {"classifier.dense.bias", "classifier.dense.bias"}});
  CHECK(names.map("lm_head.bias").left_out == "only pre-training uses it");
}

TEST_CASE("hugging_face_names: of an encoder and its moving average the encoder is meant",
          "[convert][name_map]") {
  const std::string word = "embeddings.word_embeddings.weight";
  for (const std::string average : {"ema.bert.", "model_ema.bert.", "ema_model.module.bert.",
                                    "swa.bert.", "averaged_model.bert."}) {
    const HuggingFaceNames names(source_of({average + word, "model.bert." + word}), "bert",
                                 std::nullopt);
    check(names, {{"model.classifier.bias", "classifier.bias"}});
  }
  // Alone it is all that there is.
  const HuggingFaceNames names(source_of({"ema_model.module.bert." + word}), "bert", std::nullopt);
  check(names, {{"ema_model.module.classifier.bias", "classifier.bias"}});
}

TEST_CASE("hugging_face_names: of several encoders the prefix says which", "[convert][name_map]") {
  const WeightSource source = source_of({"student.bert.embeddings.word_embeddings.weight",
                                         "teacher.bert.embeddings.word_embeddings.weight"});
  CHECK_THROWS_WITH(HuggingFaceNames(source, "bert", std::nullopt),
                    ContainsSubstring("which of them (ConvertOptions::encoder_prefix), found "
                                      "several: \"student.bert.\", \"teacher.bert.\""));
  for (const std::string prefix : {"student.bert", "student.bert."}) {
    check(HuggingFaceNames(source, "bert", prefix),
          {{"student.classifier.bias", "classifier.bias"},
           {"teacher.classifier.bias", "teacher.classifier.bias"}});
  }
  CHECK_THROWS_WITH(HuggingFaceNames(source, "bert", "pupil.bert"),
                    ContainsSubstring("ConvertOptions::encoder_prefix: expected what names of "
                                      "tensors in checkpoint begin with, found \"pupil.bert.\""));
}

TEST_CASE("hugging_face_names: names of nobody are refused", "[convert][name_map]") {
  for (const auto& names : {std::vector<std::string>{"w"}, std::vector<std::string>{},
                            std::vector<std::string>{"myembeddings.word_embeddings.weight"}}) {
    CHECK_THROWS_WITH(HuggingFaceNames(source_of(names), "bert", std::nullopt),
                      ContainsSubstring("checkpoint: names of tensors: expected one encoder") &&
                          ContainsSubstring("found none of them"));
  }
}
