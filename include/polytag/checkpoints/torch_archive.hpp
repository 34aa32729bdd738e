#pragma once

#include <filesystem>

#include "polytag/export.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// Opens the state dict in a file of torch.save (`pytorch_model.bin`, `.pt`, `.pth`, `.ckpt`), at
/// the top of the file or under one of the keys that training programs use ("state_dict", "model",
/// …). Both formats are read, the zip archive and the one before PyTorch 1.6. Checksums are
/// verified, where the file has them.
///
/// The file's pickle is not executed. Values that only Python could make (objects of classes,
/// results of functions, numpy's numbers) are left out like all others that are no tensors.
/// Tensors that are not contiguous in the file (transposed ones, for instance) are copied to be so.
/// @throws IoError if the file cannot be read; FormatError if it is malformed, has no state dict,
///         or is a tar archive of PyTorch 0.1
POLYTAG_EXPORT WeightSource open_torch_archive(const std::filesystem::path& file);

}  // namespace polytag
