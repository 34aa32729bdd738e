#pragma once

#include <filesystem>

#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Opens the state dict that torch.save wrote (`pytorch_model.bin`, `.pt`, `.pth`, `.ckpt`), at the
/// top of the file or under the key "state_dict" or "model". Checksums are
/// verified, where the file has them.
///
/// The file's pickle is not executed: it can name tensors, numbers, strings and containers, and a
/// pickle that asks for anything else is refused. Values other than tensors are left out. Tensors
/// that are not contiguous in the file (transposed ones, for instance) are copied to be so.
/// @throws IoError if the file cannot be read; FormatError if it is malformed, of PyTorch before
///         1.6, or names anything but the above
POLYTAG_EXPORT WeightSource open_torch_archive(const std::filesystem::path& file);

}  // namespace polytag
