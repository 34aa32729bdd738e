#include "polytag/training/new_model.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "model/architectures.hpp"
#include "model/config_writer.hpp"
#include "model/model_config_json.hpp"
#include "model/model_files.hpp"
#include "model/sentence_modules.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/encoders/encoder_parameters.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_parameters.hpp"
#include "training/initial_weights.hpp"
#include "training/model_output.hpp"
#include "weights/current_names.hpp"

namespace polytag::training {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLabels = 100'000;

JsonDocument read_config(const fs::path& directory) {
  const std::string file = (directory / "config.json").string();
  JsonDocument json = parse_json(read_text_file(file, kMostConfigBytes), file);
  if (!json->is_object()) throw FormatError::mismatch(file, "JSON", "an object", json->type_name());
  return json;
}

bool wants_mean(const NewModelOptions& options) {
  if (options.pooling != Pooling::kAuto) return options.pooling == Pooling::kMean;
  return pools_by_mean(options.encoder);
}

/// In training a weight has a gradient and two moments beside it.
void check_label_count(std::size_t labels, std::size_t hidden, const std::string& file) {
  if (labels <= kMostLabels) return;
  constexpr std::size_t kBytesOfWeight = 4 * sizeof(float);
  const std::size_t megabytes = labels * (hidden + 1) * kBytesOfWeight / 1'000'000;
  throw ConfigError::mismatch(
      file, "labels", "at most " + std::to_string(kMostLabels),
      std::to_string(labels) + ", whose layer takes " + std::to_string(megabytes) + " MB");
}

/// config.json of the new model, as it is read in memory.
Json new_config(Json config, const NewModelOptions& options, const LabelVocabulary& labels) {
  const std::string file = (options.encoder / "config.json").string();
  const Architecture& architecture = read_architecture(ConfigReader(config, file));
  const std::size_t hidden = facts_of(architecture.read(ConfigReader(config, file))).hidden_size;
  check_label_count(labels.size(), hidden, file);
  config = with_labels(std::move(config), labels.names());
  config["problem_type"] = "multi_label_classification";
  config["dtype"] = "float32";
  config.erase("torch_dtype");
  config.erase("quantization_config");
  Json polytag = {{"maximum_tokens", options.maximum_tokens}};
  const bool mean =
      options.head == "mean_dense" || (options.head == "cls_dense" && wants_mean(options));
  polytag["head"] = mean ? "mean_dense" : options.head;
  if (mean) {
    polytag["dense_modules"] = Json::array({{{"name", "2_Dense"},
                                             {"in_features", hidden},
                                             {"out_features", labels.size()},
                                             {"bias", true},
                                             {"activation", "sigmoid"}}});
  }
  if (options.head == "text_cnn") {
    polytag["filter_sizes"] = {2, 3, 4, 5, 6, 7};
    polytag["num_filters"] = 128;
  }
  config["polytag"] = std::move(polytag);
  config["architectures"] = {std::string(architecture.class_name) +
                             (mean ? "Model" : "ForSequenceClassification")};
  return config;
}

/// The tensor of the encoder's files that a parameter begins at; null where they have none.
const StoredTensor* stored_of(const std::string& name, const std::string& prefix,
                              const std::string& scope, const WeightSource& weights) {
  std::string bare = name;
  if (!prefix.empty() && bare.starts_with(prefix + ".")) bare = bare.substr(prefix.size() + 1);
  for (const std::string& candidate : {scope + "." + bare, bare}) {
    if (const StoredTensor* const found = weights.find(candidate)) return found;
  }
  return nullptr;
}

}  // namespace

struct NewModel::State {
  fs::path encoder;
  std::string config_text;  // as it is read in memory
  ModelConfig config;
  std::string prefix;
  Tokenizer tokenizer;
  std::size_t maximum_tokens;
  ParameterStore store;
  std::vector<std::string> new_parameters;
};

NewModel::NewModel(const NewModelOptions& options, const LabelVocabulary& labels,
                   std::span<const LabelledText> texts) {
  const std::string file = (options.encoder / "config.json").string();
  const Json json = new_config(*read_config(options.encoder), options, labels);
  ModelConfig config = parse_model_config(json, file);
  const bool mean = std::holds_alternative<MeanDenseConfig>(config.head);
  const std::string scope(architecture_of(config.model_type).prefix);
  const std::string prefix = mean ? "" : scope;
  const ParameterList parameters = model_parameters(config, prefix);
  const WeightSource weights = with_current_names(open_checkpoint(options.encoder).weights);

  ParameterStore store(parameters);
  std::vector<std::string> new_parameters;
  ParameterList encoder_alone;
  declare_encoder(encoder_alone.root(prefix), config.encoder);
  for (const ParameterPlace& place : store.layout().places()) {
    const auto values = ParameterStore::of(place, store.weights());
    const bool of_encoder = encoder_alone.find(place.name).has_value();
    const bool in_encoder_scope = !prefix.empty() && place.name.starts_with(prefix + ".");
    const StoredTensor* stored = nullptr;
    if (of_encoder || in_encoder_scope) stored = stored_of(place.name, prefix, scope, weights);
    if (stored != nullptr) {
      weights.read({stored->name, place.shape, place.traits}, values);
    } else if (of_encoder) {
      weights.at(place.name, place.shape);  // says what is missing
    } else {
      initialise(place, options.seed, values);
      if (in_encoder_scope) new_parameters.push_back(place.name);
    }
  }
  begin_at_log_odds(config, texts, store);

  Tokenizer tokenizer = load_tokenizer(options.encoder);
  const std::size_t vocabulary = facts_of(config.encoder).vocabulary_size;
  if (tokenizer.vocabulary().size() > vocabulary) {
    throw ConfigError::mismatch(
        file, "vocab_size",
        "at least the tokenizer's " + std::to_string(tokenizer.vocabulary().size()) + " tokens",
        std::to_string(vocabulary));
  }
  const std::size_t most = std::min({options.maximum_tokens, tokenizer.spec().model_max_length,
                                     facts_of(config.encoder).maximum_tokens});
  state_ = std::make_unique<State>(State{options.encoder, json.dump(), std::move(config), prefix,
                                         std::move(tokenizer), most, std::move(store),
                                         std::move(new_parameters)});
}

NewModel::~NewModel() = default;
NewModel::NewModel(NewModel&&) noexcept = default;
NewModel& NewModel::operator=(NewModel&&) noexcept = default;

const ModelConfig& NewModel::config() const noexcept { return state_->config; }
const std::string& NewModel::encoder_prefix() const noexcept { return state_->prefix; }
const Tokenizer& NewModel::tokenizer() const noexcept { return state_->tokenizer; }
std::size_t NewModel::maximum_tokens() const noexcept { return state_->maximum_tokens; }
ParameterStore& NewModel::store() noexcept { return state_->store; }
const ParameterStore& NewModel::store() const noexcept { return state_->store; }
const std::vector<std::string>& NewModel::new_parameters() const noexcept {
  return state_->new_parameters;
}

ModelDirectory NewModel::as_directory() const {
  return {state_->encoder, state_->config, load_tokenizer(state_->encoder), state_->store.source(),
          state_->prefix};
}

void NewModel::write(const fs::path& directory,
                     const std::optional<DecisionPolicy>& decision) const {
  const bool mean = std::holds_alternative<MeanDenseConfig>(state_->config.head);
  Json config = *parse_json(state_->config_text, state_->config.file);
  if (mean) {
    config["polytag"].erase("dense_modules");  // modules.json has them
    write_sentence_modules(directory, facts_of(state_->config.encoder).hidden_size,
                           state_->config.labels.size(), state_->maximum_tokens);
  }
  if (decision) store_decision(config, *decision, state_->config.labels);
  write_weights(directory, state_->store, mean);
  copy_tokenizer_files(state_->encoder, directory, state_->maximum_tokens);
  write_model_config(directory, config);
}

}  // namespace polytag::training
