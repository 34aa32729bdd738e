#include "model/sentence_modules.hpp"

#include <string>
#include <vector>

#include "files/json_fields.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostModules = 16;

struct Module {
  std::string type;  ///< the class's own name, as in "Dense"
  std::string path;  ///< of its folder; empty for the Transformer
};

JsonDocument read_json(const fs::path& file) {
  return parse_json(read_text_file(file.string(), kMostBytes), file.string());
}

std::vector<Module> read_modules(const fs::path& directory) {
  const fs::path file = directory / "modules.json";
  const JsonDocument document = read_json(file);
  if (!document->is_array() || document->size() > kMostModules) {
    throw FormatError::mismatch(file.string(), "JSON",
                                "an array of at most " + std::to_string(kMostModules) + " modules",
                                document->type_name());
  }
  std::vector<Module> modules;
  for (const Json& entry : *document) {
    const ConfigReader reader(entry, file.string(), "[" + std::to_string(modules.size()) + "]");
    const std::string type = reader.require(reader.string("type"), "type", "a class's name");
    const std::string path = reader.require(reader.string("path"), "path", "a folder's name");
    if (path.find_first_of("/\\") != std::string::npos || path == "..") {
      throw reader.refusal("path", "a folder of this directory", "\"" + path + "\"");
    }
    modules.push_back({type.substr(type.rfind('.') + 1), path});
  }
  return modules;
}

std::vector<Module> dense_modules(const std::vector<Module>& modules) {
  std::vector<Module> dense;
  for (const Module& module : modules) {
    if (module.type == "Dense") dense.push_back(module);
  }
  return dense;
}

ConfigError arrangement(const fs::path& directory, std::string_view found) {
  return ConfigError::mismatch((directory / "modules.json").string(), "modules",
                               "Transformer, Pooling, then Dense modules alone", found);
}

void check_arrangement(const std::vector<Module>& modules, const fs::path& directory) {
  const bool begins = modules.size() > 2 && modules[0].type == "Transformer" &&
                      modules[0].path.empty() && modules[1].type == "Pooling";
  if (!begins) throw arrangement(directory, "another beginning");
  for (std::size_t i = 2; i < modules.size(); ++i) {
    if (modules[i].type != "Dense") throw arrangement(directory, "\"" + modules[i].type + "\"");
  }
}

void check_pooling(const fs::path& directory, const Module& pooling) {
  const fs::path file = directory / pooling.path / "config.json";
  const JsonDocument document = read_json(file);
  const ConfigReader reader(*document, file.string());
  // Newer versions write the mode's name, older ones a flag for each mode.
  if (const auto mode = reader.string("pooling_mode")) {
    if (*mode != "mean") throw reader.refusal("pooling_mode", "\"mean\"", "\"" + *mode + "\"");
    return;
  }
  for (const auto& [key, value] : document->items()) {
    const bool is_mode = key.starts_with("pooling_mode_");
    if (!is_mode || !value.is_boolean()) continue;
    if (value.get<bool>() != (key == "pooling_mode_mean_tokens")) {
      throw reader.refusal(key, "the mean of all tokens, and no other pooling", value.dump());
    }
  }
  if (!reader.boolean("pooling_mode_mean_tokens").value_or(false)) {
    throw ConfigError::missing(file.string(), "pooling_mode_mean_tokens", "true");
  }
}

/// What `activation_function` names, in config.json's words.
std::string activation_name(const ConfigReader& reader, bool is_last) {
  const std::string path =
      reader.string("activation_function").value_or("torch.nn.modules.activation.Tanh");
  const std::string name = path.substr(path.rfind('.') + 1);
  if (name == "Identity") return "linear";
  if (is_last && name == "Sigmoid") return "sigmoid";
  if (!is_last && name == "Tanh") return "tanh";
  if (!is_last && name == "ReLU") return "relu";
  if (!is_last && name == "GELU") return "gelu";
  throw reader.refusal(
      "activation_function",
      is_last ? "Sigmoid or Identity, of the last dense module" : "Tanh, ReLU, GELU or Identity",
      "\"" + path + "\"");
}

Json describe_dense(const fs::path& directory, const Module& module, bool is_last) {
  const fs::path file = directory / module.path / "config.json";
  const JsonDocument document = read_json(file);
  const ConfigReader reader(*document, file.string());
  const auto size = [&](std::string_view key) {
    return reader.require(reader.size(key), key, "a whole number");
  };
  return {{"name", module.path},
          {"in_features", size("in_features")},
          {"out_features", size("out_features")},
          {"bias", reader.boolean("bias").value_or(true)},
          {"activation", activation_name(reader, is_last)}};
}

}  // namespace

bool has_dense_modules(const fs::path& directory) {
  return is_file(directory / "modules.json") && !dense_modules(read_modules(directory)).empty();
}

Json with_sentence_modules(Json config, const fs::path& directory) {
  const std::vector<Module> modules = read_modules(directory);
  check_arrangement(modules, directory);
  check_pooling(directory, modules[1]);
  Json dense = Json::array();
  for (std::size_t i = 2; i < modules.size(); ++i) {
    dense.push_back(describe_dense(directory, modules[i], i + 1 == modules.size()));
  }
  Json& polytag = config["polytag"];
  if (polytag.is_null()) polytag = Json::object();
  polytag["head"] = "mean_dense";
  const Json last = dense.back();
  polytag["dense_modules"] = std::move(dense);
  if (last["activation"] == "sigmoid" && !config.contains("problem_type")) {
    config["problem_type"] = "multi_label_classification";
  }
  if (!config.contains("id2label")) config["num_labels"] = last["out_features"];
  const fs::path limits = directory / "sentence_bert_config.json";
  if (is_file(limits)) {
    const JsonDocument document = read_json(limits);
    const ConfigReader reader(*document, limits.string());
    if (const auto most = reader.size("max_seq_length")) polytag["maximum_tokens"] = *most;
  }
  return config;
}

WeightSource with_dense_weights(WeightSource encoder, const fs::path& directory) {
  std::vector<StoredTensor> tensors(encoder.tensors().begin(), encoder.tensors().end());
  for (const Module& module : dense_modules(read_modules(directory))) {
    const OpenedCheckpoint opened = open_checkpoint(directory / module.path);
    for (StoredTensor tensor : opened.weights.tensors()) {
      tensor.name = module.path + "." + tensor.name;
      tensors.push_back(std::move(tensor));
    }
  }
  return {encoder.location(), std::move(tensors)};
}

}  // namespace polytag
