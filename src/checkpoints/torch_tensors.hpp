#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "checkpoints/pickled.hpp"
#include "checkpoints/state_dict.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/core/tensor.hpp"
#include "polytag/weights/weight_source.hpp"

namespace polytag {

/// The bytes of the storage of that key. @param object  the tensor that needs it, for messages
using FindStorage = std::function<StoredBytes(std::string_view key, std::string_view object)>;

/// Makes weights of the tensors that a PyTorch file describes, whatever holds their storages.
/// Tensors that are contiguous stay in the file, others are copied into memory.
class TorchTensors {
 public:
  /// @param file  its name, for messages
  /// @param size  of the file in bytes, which bounds all copies together
  TorchTensors(std::string file, std::size_t size, FindStorage find_storage)
      : file_(std::move(file)), copies_left_(size), find_storage_(std::move(find_storage)) {}

  /// The state dict of a pickle. @throws FormatError if a tensor does not fit its storage; IoError
  OpenedCheckpoint read(const Pickled& pickled, std::string_view object);

 private:
  StoredTensor read_tensor(const std::string& name, const PickledTensor& tensor);
  StoredBytes storage_of(const PickledTensor& tensor, std::string_view object) const;
  StoredBytes copy(const PickledTensor& tensor, const StoredBytes& storage, std::uint64_t count,
                   std::string_view object);

  std::string file_;
  std::size_t copies_left_;
  FindStorage find_storage_;
  std::map<std::string_view, AlignedBuffer<std::byte>> read_storages_;  // to copy from
};

}  // namespace polytag
