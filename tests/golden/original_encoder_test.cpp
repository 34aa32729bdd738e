// The encoder of the four original programs, converted as a user would: the hidden states of all 60
// rows, padding included, and the pooled [CLS], as the original computed them.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "polytag/convert/convert.hpp"
#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/parts.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

/// The rows of a golden's matrix [texts, …] as one text's.
std::span<const float> of_text(const Tensor& tensor, std::size_t text) {
  const std::size_t size = tensor.size() / tensor.shape()[0];
  return tensor.span().subspan(text * size, size);
}

void check_close(std::span<const float> found, std::span<const float> expected) {
  // float32 sums in another order: observed at most 4e-6 on values up to 4.
  const auto result = test::distance(found, expected, 2e-5, 1e-4);
  INFO("worst at " << result.index << ", off by " << result.worst_absolute);
  CHECK(result.worst <= 1.0);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("original programs: hidden states of all rows and the pooled [CLS] match",
                        "[golden][encoders]", test::Backends) {
  for (const std::string variant : {"base", "textcnn", "denses", "seq2seq"}) {
    INFO(variant << ", backend " << TestType::kName);
    const auto states = test::find_golden("tf/" + variant + "/golden.safetensors");
    if (!states) return;
    const std::filesystem::path golden = states->parent_path();
    const TemporaryDirectory directory;
    ConvertOptions options;
    options.source = golden;
    options.output = directory.path() / "model";
    convert_checkpoint(options);
    const ModelDirectory model = open_model_directory(options.output);
    const auto config = encoder_config<BertConfig>(model.config);
    const auto encoder = test::make_encoder<BertEncoder<TestType>>(model, Precision::kFloat32);
    // Two of the heads do not read the pooler, which then stays behind in the conversion.
    std::optional<ClsPooler<TestType>> pooler;
    const ClsTransform transform{.name = "pooler", .in_encoder = true};
    if (model.weights.find(model.encoder_prefix + ".pooler.weight") != nullptr) {
      ParameterList list;
      const auto dense = declare_transform({list.root(), list.root(model.encoder_prefix)},
                                           transform, config.hidden_size);
      pooler.emplace(transform, dense, Weights(list, model.weights), Precision::kFloat32);
    }
    CHECK(pooler.has_value() == (variant == "base" || variant == "denses"));

    const WeightSource expected = open_safetensors(golden / "golden.safetensors");
    const Tensor sequence_output = test::read_golden_tensor(expected, "sequence_output");
    const Tensor pooled_output = test::read_golden_tensor(expected, "pooled_output");
    const Json records = test::read_golden_json(golden / "golden.json").at("records");
    for (std::size_t text = 0; text < records.size(); ++text) {
      INFO("text " << text);
      const auto ids = records[text].at("input_ids").get<std::vector<std::int32_t>>();
      const auto mask = records[text].at("input_mask").get<std::vector<int>>();
      EncodedBatch batch;
      batch.append(ids, std::vector<std::int32_t>(ids.size(), 0),
                   static_cast<std::size_t>(std::ranges::count(mask, 1)));
      Workspace workspace;
      SerialExecutor executor;
      const ExecutionContext context{workspace, executor, default_instruction_set()};
      const EncoderOutput output = encoder.forward(batch, HiddenRows::kAll, context);
      check_close({output.hidden_states.data, output.hidden_states.rows * config.hidden_size},
                  of_text(sequence_output, text));
      if (!pooler) continue;
      check_close(pooler->forward(output, context).row(0), of_text(pooled_output, text));
    }
  }
}
