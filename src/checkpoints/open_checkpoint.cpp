#include "polytag/checkpoints/open_checkpoint.hpp"

#include <optional>
#include <string>
#include <system_error>

#include "checkpoints/sstable.hpp"
#include "checkpoints/torch_file.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSafetensors = "safetensors";
constexpr std::string_view kTensorFlow = "TensorFlow checkpoint";

bool is_file(const fs::path& path) {
  std::error_code ignored;  // what cannot be examined is as good as absent
  return fs::is_regular_file(path, ignored);
}

/// The checkpoint of a directory that has no `checkpoint` file to name it, as releases have none:
/// its only index.
std::optional<fs::path> only_index(const fs::path& directory) {
  std::optional<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".index") continue;
    if (found) return std::nullopt;
    found = entry->path();
  }
  return found;
}

std::optional<OpenedCheckpoint> open_directory(const fs::path& directory) {
  if (is_file(directory / "model.safetensors") ||
      is_file(directory / "model.safetensors.index.json")) {
    return OpenedCheckpoint{kSafetensors, open_safetensors(directory)};
  }
  if (const fs::path torch = directory / "pytorch_model.bin"; is_file(torch)) {
    return open_torch_file(torch);
  }
  if (const fs::path torch = directory / "pytorch_model.bin.index.json"; is_file(torch)) {
    return open_torch_shards(torch);
  }
  if (is_file(directory / "checkpoint")) {
    return OpenedCheckpoint{kTensorFlow, open_tf_checkpoint(directory)};
  }
  if (const auto index = only_index(directory)) {
    return OpenedCheckpoint{kTensorFlow, open_tf_checkpoint(*index)};
  }
  return std::nullopt;
}

}  // namespace

OpenedCheckpoint open_checkpoint(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    if (auto opened = open_directory(path)) return *std::move(opened);
    throw IoError::missing((path / "model.safetensors").string(),
                           "the weights (nor is there a pytorch_model.bin, or a TensorFlow "
                           "checkpoint with its index)");
  }
  const std::string name = path.filename().string();
  if (name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")) {
    return {kSafetensors, open_safetensors(path)};
  }
  if (name.ends_with(".bin.index.json")) return open_torch_shards(path);
  if (path.extension() == ".index" || is_file(fs::path(path).concat(".index"))) {
    return {kTensorFlow, open_tf_checkpoint(path)};
  }
  if (!is_file(path)) throw IoError::missing(path.string(), "the weights");
  const StoredBytes bytes(path);
  if (is_sstable(bytes)) return {kTensorFlow, open_tf_checkpoint(path)};
  if (torch_format(bytes) != TorchFormat::kNone) return open_torch_file(path);
  for (const std::string_view extension : {".bin", ".pt", ".pth", ".ckpt"}) {
    if (path.extension() == extension) return open_torch_file(path);  // which says what is wrong
  }
  throw FormatError::mismatch(
      path.string(), "",
      "a name that ends in .safetensors, .safetensors.index.json, "
      ".bin.index.json or .index, the prefix of a TensorFlow checkpoint, or a file that "
      "torch.save or TensorFlow wrote",
      "a file of another kind");
}

}  // namespace polytag
