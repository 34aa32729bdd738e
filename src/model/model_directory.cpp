#include "polytag/model/model_directory.hpp"

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

WeightSource open_weights(const std::filesystem::path& directory) {
  const auto single = directory / "model.safetensors";
  const auto sharded = directory / "model.safetensors.index.json";
  if (exists(single)) return open_safetensors(single);
  if (exists(sharded)) return open_safetensors(sharded);
  throw IoError::missing(single.string(),
                         "the weights (other formats become one with `polytag convert`)");
}

}  // namespace

ModelDirectory open_model_directory(const std::filesystem::path& path) {
  if (!is_directory(path)) throw IoError::cannot("open", path.string(), "not a directory");
  ModelConfig config = read_model_config(path / "config.json");
  Tokenizer tokenizer = load_tokenizer(path);
  if (tokenizer.vocabulary().size() > config.encoder.vocab_size) {
    throw ConfigError::mismatch(
        config.file, "vocab_size",
        "at least the tokenizer's " + std::to_string(tokenizer.vocabulary().size()) + " tokens",
        std::to_string(config.encoder.vocab_size));
  }
  return {path, std::move(config), std::move(tokenizer), open_weights(path)};
}

}  // namespace polytag
