// A tiny model whose config.json an input changes (a JSON merge patch, RFC 7386), with the weights
// that the configuration asks for, of any size and element type.

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "classify_any.hpp"
#include "files/json.hpp"
#include "model/architectures.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/model/model_parameters.hpp"
#include "scratch_directory.hpp"

namespace {

using namespace polytag;

/// With the keys of every architecture and every head, so that a patch turns one into another.
constexpr std::string_view kConfig = R"({
  "model_type": "bert", "vocab_size": 12, "max_position_embeddings": 16, "type_vocab_size": 2,
  "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12,
  "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 12,
  "embedding_size": 6, "num_hidden_groups": 1, "inner_group_num": 1,
  "relative_attention": true, "position_buckets": 4, "pos_att_type": "c2p|p2c",
  "norm_rel_ebd": "layer_norm", "conv_kernel_size": 3, "local_attention": 4,
  "problem_type": "multi_label_classification",
  "id2label": {"0": "x", "1": "y", "2": "none"},
  "polytag": {
    "filter_sizes": [1, 2], "num_filters": 3,
    "encoder_units": 3, "encoder_layers": 2, "label_embedding_size": 4,
    "start_label": "none", "end_label": "y", "maximum_length": 4, "beam_width": 2
  }
})";

constexpr std::string_view kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##b\n,\n;\n";

std::vector<ParameterSpec> parameters_of(const ModelConfig& config) {
  const ParameterList list =
      model_parameters(config, std::string(architecture_of(config.model_type).prefix));
  return {list.specs().begin(), list.specs().end()};
}

/// Numbers of both signs, up to `scale`.
std::vector<float> make_values(std::size_t count, float scale) {
  std::vector<float> values(count);
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525 + 1013904223;
    value = scale * (static_cast<float>(state >> 8) / 8388608.0F - 1.0F);
  }
  return values;
}

/// Elements of any type: float32 as they are, of other types whatever the same bytes mean.
void write_weights(const std::filesystem::path& file, const std::vector<ParameterSpec>& parameters,
                   float scale, ElementType type) {
  std::size_t most = 0;
  for (const ParameterSpec& parameter : parameters) {
    most = std::max(most, element_count(parameter.shape));
  }
  const std::vector<float> values = make_values(2 * most, scale);
  std::vector<TensorToWrite> tensors;
  for (const ParameterSpec& parameter : parameters) {
    const std::size_t size = element_count(parameter.shape) * size_of(type);
    tensors.push_back(
        {parameter.name, type, parameter.shape, std::as_bytes(std::span(values)).first(size)});
  }
  write_safetensors(file, tensors, {});
}

/// Whether a run takes seconds at most: some fields make work without weights.
bool is_small(const ModelConfig& config, const std::vector<ParameterSpec>& parameters) {
  std::size_t elements = 0;
  for (const ParameterSpec& parameter : parameters) {
    const std::size_t count = element_count(parameter.shape);
    if (count > (1 << 16)) return false;
    elements += count;
  }
  const auto* const sequences = std::get_if<Seq2SeqConfig>(&config.head);
  const auto* const bert = std::get_if<BertConfig>(&config.encoder);  // layers may share weights
  return elements <= (1 << 16) && (bert == nullptr || bert->num_hidden_layers <= 64) &&
         (sequences == nullptr || sequences->maximum_length * sequences->beam_width <= 1 << 10);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchDirectory directory;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const auto scale =
      std::bit_cast<float>(std::uint32_t{choices.byte()} << 23);  // 0, powers of 2, inf
  const auto type = static_cast<ElementType>(choices.byte() % 10);
  const Json patch = Json::parse(choices.rest(), nullptr, false);
  if (patch.is_discarded()) return 0;
  fuzz::succeeds([&] {
    Json json = Json::parse(kConfig);
    json.merge_patch(patch);
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    directory.write("vocab.txt", kVocabulary);
    directory.write("tokenizer_config.json", fuzz::kQuickTokenizer);
    const ModelConfig config = read_model_config(directory.write("config.json", text));
    const auto parameters = parameters_of(config);
    if (!is_small(config, parameters)) return;
    write_weights(directory.path() / "model.safetensors", parameters, scale, type);
    fuzz::load_and_classify(directory.path());
  });
  return 0;
}
