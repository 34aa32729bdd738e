#include "training/model_output.hpp"

#include <string>
#include <vector>

#include "files/json.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/safetensors.hpp"

namespace polytag::training {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::string_view kDense = "2_Dense";

void write_json(const fs::path& file, const Json& json) { write_file(file, json.dump(2) + "\n"); }

}  // namespace

bool pools_by_mean(const fs::path& encoder) {
  const fs::path file = encoder / "1_Pooling" / "config.json";
  if (!is_file(file)) return false;
  const JsonDocument json = parse_json(read_text_file(file.string(), kMostBytes), file.string());
  return json->is_object() && (json->value("pooling_mode_mean_tokens", Json()) == true ||
                               json->value("pooling_mode", Json()) == "mean");
}

void write_sentence_modules(const fs::path& directory, std::size_t hidden_size, std::size_t labels,
                            std::size_t maximum_tokens) {
  const auto module = [](int index, std::string_view path, std::string_view type) -> Json {
    return {{"idx", index},
            {"name", std::to_string(index)},
            {"path", path},
            {"type", "sentence_transformers.models." + std::string(type)}};
  };
  fs::create_directory(directory / "1_Pooling");
  fs::create_directory(directory / kDense);
  write_json(directory / "1_Pooling" / "config.json",
             {{"word_embedding_dimension", hidden_size},
              {"pooling_mode_cls_token", false},
              {"pooling_mode_mean_tokens", true},
              {"pooling_mode_max_tokens", false},
              {"pooling_mode_mean_sqrt_len_tokens", false}});
  write_json(directory / kDense / "config.json",
             {{"in_features", hidden_size},
              {"out_features", labels},
              {"bias", true},
              {"activation_function", "torch.nn.modules.activation.Sigmoid"}});
  write_json(directory / "sentence_bert_config.json",
             {{"max_seq_length", maximum_tokens}, {"do_lower_case", false}});
  write_json(directory / "modules.json",
             Json::array({module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"),
                          module(2, kDense, "Dense")}));
}

void write_weights(const fs::path& directory, const ParameterStore& store, bool apart) {
  std::vector<TensorToWrite> own;
  std::vector<TensorToWrite> dense;
  const std::string scope = std::string(kDense) + ".";
  for (TensorToWrite& tensor : store.tensors(store.weights())) {
    if (apart && tensor.name.starts_with(scope)) {
      tensor.name = tensor.name.substr(scope.size());
      dense.push_back(std::move(tensor));
    } else {
      own.push_back(std::move(tensor));
    }
  }
  if (apart) write_safetensors(directory / kDense / "model.safetensors", dense, {{"format", "pt"}});
  write_safetensors(directory / "model.safetensors", own, {{"format", "pt"}});
}

void copy_tokenizer_files(const fs::path& from, const fs::path& to, std::size_t maximum_tokens) {
  copy_tokenizer(from, to);
  const fs::path file = from / "tokenizer_config.json";
  Json settings = Json::object();
  if (is_file(file)) {
    JsonDocument json = parse_json(read_text_file(file.string(), kMostConfigBytes), file.string());
    settings = std::move(*json);
  }
  settings.erase("max_len");
  settings["model_max_length"] = maximum_tokens;
  write_json(to / "tokenizer_config.json", settings);
}

}  // namespace polytag::training
