#include "polytag/model/model_directory.hpp"

#include <system_error>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

WeightSource open_weights(const std::filesystem::path& directory) {
  const auto single = directory / "model.safetensors";
  const auto sharded = directory / "model.safetensors.index.json";
  std::error_code ignored;  // what cannot be examined is as good as absent
  if (exists(single, ignored)) return open_safetensors(single);
  if (exists(sharded, ignored)) return open_safetensors(sharded);
  throw IoError::missing(single.string(),
                         "the weights (other formats become one with `polytag convert`)");
}

}  // namespace

ModelDirectory open_model_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (!is_directory(path, error)) {
    throw IoError::cannot("open", path.string(), error ? error.message() : "not a directory");
  }
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
