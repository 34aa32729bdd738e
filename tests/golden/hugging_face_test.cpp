// Eight checkpoints as Hugging Face writes them, with what its own models make of ten texts: ids,
// hidden states after every layer, logits, probabilities.

#include <string>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/parts.hpp"

using namespace polytag;
using test::find_golden;
using test::read_golden_json;
using test::read_golden_tensor;

namespace {

// float32 sums in another order: observed at most 3e-6 on hidden states of magnitude up to 4.
constexpr double kAbsolute = 2e-5;
constexpr double kRelative = 1e-4;

const std::vector<std::string> kCheckpoints{
    "albert_groups", "albert_small_zh",       "bert_bf16_sharded", "bert_fp16",
    "bert_small",    "bert_relu_cased_pairs", "distilbert_small",  "electra_small"};

struct GoldenText {
  std::string text;
  std::optional<std::string> pair;
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> token_type_ids;
  std::vector<float> probabilities;
};

std::vector<GoldenText> read_texts(const std::filesystem::path& golden) {
  std::vector<GoldenText> texts;
  for (const Json& json : read_golden_json(golden / "texts.json")) {
    GoldenText text{json.at("text"), std::nullopt, json.at("ids"), json.at("segment_ids"),
                    json.at("probabilities")};
    // The reference takes an empty pair for none.
    if (const std::string pair = json.value("text_pair", ""); !pair.empty()) text.pair = pair;
    texts.push_back(std::move(text));
  }
  return texts;
}

void check_close(std::span<const float> found, std::span<const float> expected) {
  const auto result = test::distance(found, expected, kAbsolute, kRelative);
  INFO("worst at " << result.index << ", off by " << result.worst_absolute);
  CHECK(result.worst <= 1.0);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("hugging face: ids and every layer's hidden states match",
                        "[golden][encoders]", test::Backends) {
  const auto goldens = find_golden("hf");
  if (!goldens) return;
  for (const std::string& name : kCheckpoints) {
    INFO("checkpoint " << name << ", backend " << TestType::kName);
    const ModelDirectory model = open_model_directory(*goldens / name);
    const auto encoder = test::make_encoder<BertEncoder<TestType>>(model, Precision::kFloat32);
    const WeightSource expected = open_safetensors(*goldens / name / "expected.safetensors");
    const auto texts = read_texts(*goldens / name);
    for (const InstructionSet level : test::instruction_sets<TestType>()) {
      INFO("instruction set " << to_string(level));
      for (std::size_t i = 0; i < texts.size(); ++i) {
        INFO("text " << i);
        EncodeOptions options;
        options.max_length = model.tokenizer.spec().model_max_length;
        const Encoding encoding = model.tokenizer.encode(texts[i].text, texts[i].pair, options);
        CHECK(encoding.ids == texts[i].ids);
        CHECK(encoding.token_type_ids == texts[i].token_type_ids);

        EncodedBatch batch;
        batch.append(texts[i].ids, texts[i].token_type_ids, texts[i].ids.size());
        Workspace workspace;
        SerialExecutor executor;
        const auto output =
            encoder.forward(batch, HiddenRows::kAll, {workspace, executor, level},
                            [&](std::size_t stage, const EncoderOutput& at_stage) {
                              const std::string stage_name =
                                  "hidden." + std::to_string(stage) + "." + std::to_string(i);
                              if (expected.find(stage_name) == nullptr)
                                return;  // stored for the first text
                              INFO("stage " << stage);
                              const auto& states = at_stage.hidden_states;
                              check_close({states.data, states.rows * states.columns},
                                          read_golden_tensor(expected, stage_name).span());
                            });
        check_close(
            {output.hidden_states.data, output.hidden_states.rows * output.hidden_states.columns},
            read_golden_tensor(expected, "last_hidden." + std::to_string(i)).span());
      }
    }
  }
}

TEMPLATE_LIST_TEST_CASE("hugging face: probabilities and labels match", "[golden][classifier]",
                        test::Backends) {
  const auto goldens = find_golden("hf");
  if (!goldens) return;
  for (const std::string& name : kCheckpoints) {
    INFO("checkpoint " << name << ", backend " << TestType::kName);
    LoadOptions options;
    options.backend = test::backend_value<TestType>();
    options.problem_type = "multi_label_classification";
    const auto classifier = load_classifier(*goldens / name, options);
    for (const GoldenText& text : read_texts(*goldens / name)) {
      const TextInput input(text.text, text.pair);
      check_close(classifier->scores(input).scores, text.probabilities);
      std::vector<std::size_t> expected;
      for (std::size_t label = 0; label < text.probabilities.size(); ++label) {
        if (text.probabilities[label] >= 0.5F) expected.push_back(label);
      }
      std::vector<std::size_t> found;
      for (const auto& label : classifier->classify(input).labels) found.push_back(label.index);
      std::ranges::sort(found);
      CHECK(found == expected);
    }
  }
}
