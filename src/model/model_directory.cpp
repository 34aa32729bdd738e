#include "polytag/model/model_directory.hpp"

#include <system_error>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"

namespace polytag {

ModelDirectory open_model_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
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
  return {path, std::move(config), std::move(tokenizer), open_safetensors(path)};
}

}  // namespace polytag
