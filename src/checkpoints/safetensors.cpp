#include "polytag/checkpoints/safetensors.hpp"

#include <system_error>
#include <vector>

#include "checkpoints/safetensors_file.hpp"
#include "checkpoints/sharded_weights.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

bool is_present(const std::filesystem::path& file) {
  std::error_code ignored;  // what cannot be examined is as good as absent
  return std::filesystem::exists(file, ignored);
}

std::vector<StoredTensor> open_file(const std::filesystem::path& file) {
  return read_safetensors(StoredBytes(file), file.string());
}

WeightSource open_single(const std::filesystem::path& file) {
  return {file.string(), open_file(file)};
}

}  // namespace

WeightSource open_safetensors(const std::filesystem::path& file) {
  std::error_code ignored;  // opening it says why
  if (std::filesystem::is_directory(file, ignored)) {
    const std::filesystem::path single = file / "model.safetensors";
    const std::filesystem::path index = file / "model.safetensors.index.json";
    if (is_present(single)) return open_single(single);
    if (is_present(index)) return open_shards(index, open_file);
    throw IoError::missing(single.string(),
                           "the weights (polytag convert makes it from other formats)");
  }
  return file.extension() == ".json" ? open_shards(file, open_file) : open_single(file);
}

}  // namespace polytag
