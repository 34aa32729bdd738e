#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

/// OpenedCheckpoint::format of all files that torch.save wrote.
inline constexpr std::string_view kTorchFormat = "PyTorch archive";

/// The formats of torch.save, which the first bytes of a file tell apart.
enum class TorchFormat {
  kNone,
  kZip,     ///< since PyTorch 1.6
  kLegacy,  ///< before: pickles, then the storages
  kTar,     ///< of PyTorch 0.1, which is not read
};
TorchFormat torch_format(const StoredBytes& bytes);

/// The state dict of a file of torch.save. @throws as open_torch_archive()
OpenedCheckpoint open_torch_file(const std::filesystem::path& file);

/// The same in shards, by their index. @throws as open_shards()
OpenedCheckpoint open_torch_shards(const std::filesystem::path& index);

// The readers of the two formats. @param file  its name, for messages

OpenedCheckpoint read_torch_zip(const StoredBytes& bytes, const std::string& file);
OpenedCheckpoint read_torch_legacy(const StoredBytes& bytes, const std::string& file);

}  // namespace polytag
