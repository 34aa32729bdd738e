#include "checkpoints/torch_tensors.hpp"

#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "checkpoints/torch_file.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Upper bound of the length of all names together, as a multiple of the size of the file.
constexpr std::size_t kMostNameExpansion = 16;

/// a * b, unless it does not fit.
std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) {
  if (a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) return std::nullopt;
  return a * b;
}

/// The number of elements, unless it does not fit.
std::optional<std::uint64_t> count_elements(const Shape& shape) {
  std::optional<std::uint64_t> count = 1;
  for (const std::size_t dimension : shape) {
    if (dimension == 0) return 0;
    if (count) count = product(*count, dimension);
  }
  return count;
}

/// One past the last element of its storage that a tensor with elements reaches, unless it does not
/// fit.
std::optional<std::uint64_t> reach(const PickledTensor& tensor) {
  std::uint64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    const auto step = product(tensor.shape[i] - 1, tensor.strides[i]);
    if (!step || *step >= std::numeric_limits<std::uint64_t>::max() - last) return std::nullopt;
    last += *step;
  }
  return last + 1;
}

bool is_contiguous(const PickledTensor& tensor) {
  std::size_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

/// Copies the elements of a tensor, whose reach is within the storage, in row-major order.
void gather(const PickledTensor& tensor, std::span<const std::byte> storage,
            std::span<std::byte> out) {
  const std::size_t width = size_of(tensor.type);
  const std::size_t rank = tensor.shape.size();
  std::vector<std::size_t> index(rank, 0);
  std::size_t element = tensor.offset;
  for (std::size_t done = 0; done < out.size(); done += width) {
    std::memcpy(out.data() + done, storage.data() + element * width, width);
    for (std::size_t i = rank; i-- > 0;) {
      element += tensor.strides[i];
      if (++index[i] < tensor.shape[i]) break;
      element -= tensor.strides[i] * tensor.shape[i];
      index[i] = 0;
    }
  }
}

}  // namespace

OpenedCheckpoint TorchTensors::read(const Pickled& pickled, std::string_view object) {
  StateDict state = find_state_dict(pickled, file_, object, kMostNameExpansion * copies_left_);
  std::vector<StoredTensor> tensors;
  tensors.reserve(state.tensors.size());
  for (const auto& [name, index] : state.tensors) {
    tensors.push_back(read_tensor(name, pickled.tensors[index]));
  }
  return {kTorchFormat, WeightSource(file_, std::move(tensors)), std::move(state.unread)};
}

/// The bytes of the storage that a tensor looks into.
StoredBytes TorchTensors::storage_of(const PickledTensor& tensor, std::string_view object) const {
  StoredBytes storage = find_storage_(tensor.storage, object);
  const auto size = product(tensor.storage_size, size_of(tensor.type));
  if (size != storage.size()) {
    throw FormatError::mismatch(file_, object,
                                std::to_string(tensor.storage_size) + " elements of " +
                                    std::string(to_string(tensor.type)) + " in storage \"" +
                                    std::string(tensor.storage) + "\"",
                                std::to_string(storage.size()) + " bytes");
  }
  return storage;
}

StoredTensor TorchTensors::read_tensor(const std::string& name, const PickledTensor& tensor) {
  const std::string object = "tensor \"" + name + "\"";
  const StoredBytes storage = storage_of(tensor, object);
  const auto count = count_elements(tensor.shape);
  const auto end = count == 0 ? tensor.offset : reach(tensor);
  if (!count || !end || *end > tensor.limit) {
    throw FormatError::mismatch(
        file_, object, "elements within its storage of " + std::to_string(tensor.limit),
        "shape " + to_string(tensor.shape) + " with strides " + to_string(tensor.strides) +
            " from " + std::to_string(tensor.offset));
  }
  StoredBytes bytes;
  if (count != 0 && is_contiguous(tensor)) {
    const std::size_t width = size_of(tensor.type);
    bytes = storage.subrange(tensor.offset * width, *count * width);
  } else if (count != 0) {
    bytes = copy(tensor, storage, *count, object);
  }
  return {name, tensor.type, tensor.shape, std::move(bytes), file_};
}

/// Views may repeat elements of a small file without end, so that copies are limited.
StoredBytes TorchTensors::copy(const PickledTensor& tensor, const StoredBytes& storage,
                               std::uint64_t count, std::string_view object) {
  const auto size = product(count, size_of(tensor.type));
  if (!size || *size > copies_left_) {
    throw FormatError::mismatch(
        file_, object,
        "copies of non-contiguous tensors no larger than the file, of which " +
            std::to_string(copies_left_) + " bytes are left (save it contiguous)",
        "shape " + to_string(tensor.shape) + " with strides " + to_string(tensor.strides));
  }
  copies_left_ -= *size;
  auto place = read_storages_.find(tensor.storage);
  if (place == read_storages_.end()) {
    place = read_storages_.emplace(tensor.storage, storage.read()).first;
  }
  AlignedBuffer<std::byte> copied(*size);
  gather(tensor, place->second.span(), copied.span());
  return StoredBytes(std::move(copied));
}

}  // namespace polytag
