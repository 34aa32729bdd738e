#include "polytag/model/model_directory.hpp"

#include <system_error>
#include <variant>

#include "model/architectures.hpp"
#include "model/sentence_modules.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/encoders/encoder_parameters.hpp"
#include "polytag/error.hpp"
#include "weights/current_names.hpp"

namespace polytag {

ModelDirectory open_model_directory(const std::filesystem::path& path,
                                    const std::string& problem_type) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    throw IoError::cannot("open", path.string(), error ? error.message() : "not a directory");
  }
  ModelConfig config = read_model_config(path / "config.json", problem_type);
  Tokenizer tokenizer = load_tokenizer(path);
  const std::size_t most = facts_of(config.encoder).vocabulary_size;
  if (tokenizer.vocabulary().size() > most) {
    throw ConfigError::mismatch(
        config.file, "vocab_size",
        "at least the tokenizer's " + std::to_string(tokenizer.vocabulary().size()) + " tokens",
        std::to_string(most));
  }
  WeightSource weights = with_current_names(open_safetensors(path));
  if (std::holds_alternative<MeanDenseConfig>(config.head) && has_dense_modules(path)) {
    weights = with_dense_weights(std::move(weights), path);
  }
  std::string prefix = find_encoder_prefix(config, weights);
  return {path, std::move(config), std::move(tokenizer), std::move(weights), std::move(prefix)};
}

std::string find_encoder_prefix(const ModelConfig& config, const WeightSource& weights) {
  ParameterList bare;
  declare_encoder(bare.root(), config.encoder);
  const bool is_bare = weights.find(bare.specs().front().name) != nullptr;
  return is_bare ? "" : std::string(architecture_of(config.model_type).prefix);
}

}  // namespace polytag
