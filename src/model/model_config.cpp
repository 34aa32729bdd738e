#include "polytag/model/model_config.hpp"

#include <algorithm>
#include <utility>

#include "files/json.hpp"
#include "files/json_fields.hpp"
#include "model/architectures.hpp"
#include "model/config_writer.hpp"
#include "model/head_rows.hpp"
#include "model/label_fields.hpp"
#include "model/model_config_json.hpp"
#include "model/model_files.hpp"
#include "model/sentence_modules.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::string_view kMultiLabel = "multi_label_classification";
constexpr std::string_view kSingleLabel = "single_label_classification";
constexpr std::string_view kProblemTypes =
    "\"multi_label_classification\" or \"single_label_classification\"";

bool is_problem_type(std::string_view type) { return type == kMultiLabel || type == kSingleLabel; }

std::string read_problem_type(const ConfigReader& reader) {
  const std::string type = reader.string("problem_type").value_or("");
  if (!type.empty() && !is_problem_type(type)) {
    throw reader.refusal("problem_type", kProblemTypes, "\"" + type + "\"");
  }
  return type;
}

/// A softmax over one score is 1 for every text; Hugging Face refuses such a configuration, too.
void check_problem_type(const ConfigReader& reader, const ModelConfig& config) {
  if (config.labels.size() > 1 || config.problem_type != "single_label_classification") return;
  throw reader.refusal("problem_type",
                       "\"multi_label_classification\" for a model with one label, or two labels",
                       "\"single_label_classification\"");
}

/// Whether `quantization_config` says that weights are int8, one scale a row.
bool reads_int8(const ConfigReader& config) {
  using namespace quantization_words;
  const Json* const object = config.find(kKey);
  if (object == nullptr) return false;
  const ConfigReader reader(*object, config.file(), std::string(kKey));
  const std::string method = reader.string("quant_method").value_or("nothing");
  const std::string format = reader.string("format").value_or("nothing");
  if (method == kMethod && format == kFormat) return true;
  throw config.refusal(kKey,
                       "the quant_method \"" + std::string(kMethod) + "\" in the format \"" +
                           std::string(kFormat) + "\", as `polytag quantize` writes it",
                       "\"" + method + "\", \"" + format + "\"");
}

void read_decision(const ConfigReader& reader, ModelConfig& config) {
  for (const std::string_view key : {"threshold", "thresholds", "top_k", "at_least_one"}) {
    const bool given = reader.find(key) != nullptr;
    config.has_decision = config.has_decision || given;
    config.has_thresholds = config.has_thresholds || (given && key != "at_least_one");
  }
  config.decision = read_decision_policy(reader, config.labels);
}

void read_polytag_object(const ConfigReader& root, const ConfigReader& reader,
                         const Architecture& architecture, ModelConfig& config) {
  const HeadRow& head = read_head_row(reader);
  if (config.problem_type.empty() && head.is_always_multi_label) config.problem_type = kMultiLabel;
  const bool is_single = config.problem_type == kSingleLabel;
  config.head =
      head.read({.config = root,
                 .fields = reader,
                 .architecture = architecture,
                 .labels = config.labels,
                 .hidden_size = facts_of(config.encoder).hidden_size,
                 .activation = is_single ? LabelActivation::kSoftmax : LabelActivation::kSigmoid});
  std::visit([&](const auto& of) { of.validate(config.file); }, config.head);
  read_decision(reader, config);
  for (const std::string& name :
       reader.strings("excluded_labels").value_or(std::vector<std::string>{})) {
    config.excluded_labels.push_back(label_index(reader, "excluded_labels", name, config.labels));
  }
  std::ranges::sort(config.excluded_labels);
  config.excluded_labels.erase(
      std::unique(config.excluded_labels.begin(), config.excluded_labels.end()),
      config.excluded_labels.end());
  config.maximum_tokens = reader.size("maximum_tokens");
  config.padded_length = reader.size("padded_length");
  const std::size_t most = facts_of(config.encoder).maximum_tokens;
  if (config.padded_length && (*config.padded_length < 3 || *config.padded_length > most)) {
    throw reader.refusal("padded_length",
                         "from 3 to max_position_embeddings (" + std::to_string(most) + ")",
                         std::to_string(*config.padded_length));
  }
}

}  // namespace

ModelConfig parse_model_config(const Json& json, const std::string& file,
                               const std::string& problem_type) {
  if (!problem_type.empty() && !is_problem_type(problem_type)) {
    throw ArgumentError::mismatch("problem_type", kProblemTypes, "\"" + problem_type + "\"");
  }
  const ConfigReader reader(json, file);
  const Architecture& architecture = read_architecture(reader);
  ModelConfig config;
  config.file = file;
  config.model_type = architecture.model_type;
  config.encoder = architecture.read(reader);
  config.problem_type = read_problem_type(reader);
  if (!problem_type.empty()) config.problem_type = problem_type;
  config.labels = read_labels(reader);
  check_problem_type(reader, config);
  config.has_int8_weights = reads_int8(reader);
  const Json* const own = reader.find("polytag");
  const Json none = Json::object();
  read_polytag_object(reader, ConfigReader(own == nullptr ? none : *own, file, "polytag"),
                      architecture, config);
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& config_file,
                              const std::string& problem_type) {
  const std::string file = config_file.string();
  JsonDocument json = parse_json(read_text_file(file, kMostConfigBytes), file);
  const std::filesystem::path directory = config_file.parent_path();
  if (json->is_object() && has_dense_modules(directory)) {
    *json = with_sentence_modules(std::move(*json), directory);
  }
  return parse_model_config(json, file, problem_type);
}

}  // namespace polytag
