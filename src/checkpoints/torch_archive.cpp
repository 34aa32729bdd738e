#include "polytag/checkpoints/torch_archive.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "checkpoints/byte_reader.hpp"
#include "checkpoints/mapped_file.hpp"
#include "checkpoints/unpickler.hpp"
#include "checkpoints/zip_archive.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// What the bytes of tensors lie in: the mapped file, and copies of what was not contiguous there.
struct Memory {
  explicit Memory(const std::filesystem::path& path) : file(path) {}

  MappedFile file;
  std::vector<AlignedBuffer<std::byte>> copies;
};

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

bool is_named_tensor(const Pickled::Item& item) {
  return std::holds_alternative<std::string_view>(item.first) &&
         std::holds_alternative<Pickled::Tensor>(item.second);
}

/// The dict under a key; of several, the last, as in Python.
const Pickled::Dict* find_dict(const Pickled::Items& items, std::string_view key) {
  const Pickled::Dict* found = nullptr;
  for (const auto& [name, value] : items) {
    const auto* const text = std::get_if<std::string_view>(&name);
    if (text != nullptr && *text == key) found = std::get_if<Pickled::Dict>(&value);
  }
  return found;
}

/// One archive while it is read.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : file_(path.string()),
        memory_(std::make_shared<Memory>(path)),
        zip_(checked(memory_->file.bytes(), file_), file_) {}

  WeightSource read();

 private:
  static std::span<const std::byte> checked(std::span<const std::byte> bytes,
                                            std::string_view file);
  const ZipArchive::Member& find_pickle() const;
  void check_byte_order() const;
  /// The dict with tensors: the whole, or what stands under a key that training programs use.
  const Pickled::Items& find_state_dict(const Pickled& pickled) const;
  std::span<const std::byte> storage_of(const PickledTensor& tensor, std::string_view object);
  StoredTensor read_tensor(std::string_view name, const PickledTensor& tensor);
  std::span<const std::byte> copy(const PickledTensor& tensor, std::span<const std::byte> storage,
                                  std::uint64_t count, std::string_view object);

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  std::string file_;
  std::shared_ptr<Memory> memory_;
  ZipArchive zip_;
  std::string folder_;  // of all members, with a slash
  std::unordered_map<std::string_view, std::span<const std::byte>> storages_;  // verified ones
  std::uint64_t copied_ = 0;
};

std::span<const std::byte> Reader::checked(std::span<const std::byte> bytes,
                                           std::string_view file) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19")) {
    throw FormatError::mismatch(
        file, "format", "the zip archive that torch.save writes since PyTorch 1.6",
        "an older file; convert it with "
        "torch.save(torch.load(OLD, map_location=\"cpu\", weights_only=True), NEW)");
  }
  if (!text.starts_with("PK")) {
    throw FormatError::mismatch(file, "format",
                                "the zip archive that torch.save writes since PyTorch 1.6",
                                "another format");
  }
  return bytes;
}

WeightSource Reader::read() {
  const ZipArchive::Member& member = find_pickle();
  folder_ = member.name.substr(0, member.name.find('/') + 1);
  check_byte_order();
  const Pickled pickled = unpickle(zip_.read(member), file_, member.name);
  std::vector<StoredTensor> tensors;
  std::unordered_set<std::string_view> names;
  for (const Pickled::Item& item : find_state_dict(pickled)) {
    if (!is_named_tensor(item)) continue;
    const auto name = std::get<std::string_view>(item.first);
    if (!names.insert(name).second) {
      throw mismatch("tensor \"" + std::string(name) + "\"", "one definition", "several");
    }
    const auto tensor = std::get<Pickled::Tensor>(item.second);
    tensors.push_back(read_tensor(name, pickled.tensors[tensor.index]));
  }
  return {file_, std::move(tensors), memory_};
}

const ZipArchive::Member& Reader::find_pickle() const {
  const ZipArchive::Member* found = nullptr;
  for (const ZipArchive::Member& member : zip_.members()) {
    const std::size_t slash = member.name.find('/');
    if (slash == std::string_view::npos || member.name.substr(slash) != "/data.pkl") continue;
    if (found != nullptr) throw mismatch("zip archive", "one folder with data.pkl", "several");
    found = &member;
  }
  if (found == nullptr) {
    throw mismatch("zip archive", "a folder with data.pkl, as torch.save writes it", "none");
  }
  return *found;
}

void Reader::check_byte_order() const {
  const ZipArchive::Member* const member = zip_.find(folder_ + "byteorder");
  if (member == nullptr) return;  // written by PyTorch before 2.1
  const std::string_view order = as_text(zip_.read(*member));
  if (order != "little") {
    throw mismatch(member->name, "little", "\"" + std::string(order.substr(0, 20)) + "\"");
  }
}

const Pickled::Items& Reader::find_state_dict(const Pickled& pickled) const {
  constexpr std::size_t kMostLevels = 4;
  const auto* dict = std::get_if<Pickled::Dict>(&pickled.root);
  for (std::size_t level = 0; dict != nullptr && level < kMostLevels; ++level) {
    const Pickled::Items& items = pickled.dicts[dict->index];
    if (std::ranges::any_of(items, is_named_tensor)) return items;
    dict = find_dict(items, "state_dict");
    if (dict == nullptr) dict = find_dict(items, "model");
  }
  throw mismatch("data.pkl", "a dict of tensors, at the top or under \"state_dict\" or \"model\"",
                 "none");
}

/// The bytes of the storage that a tensor looks into.
std::span<const std::byte> Reader::storage_of(const PickledTensor& tensor,
                                              std::string_view object) {
  auto place = storages_.find(tensor.storage);
  if (place == storages_.end()) {
    const std::string name = folder_ + "data/" + std::string(tensor.storage);
    const ZipArchive::Member* const member = zip_.find(name);
    if (member == nullptr)
      throw mismatch(object, "its bytes as member \"" + name + "\"", "nothing");
    place = storages_.emplace(tensor.storage, zip_.read(*member)).first;
  }
  const auto size = product(tensor.storage_size, size_of(tensor.type));
  if (size != place->second.size()) {
    throw mismatch(object,
                   std::to_string(tensor.storage_size) + " elements of " +
                       std::string(to_string(tensor.type)) + " in storage \"" +
                       std::string(tensor.storage) + "\"",
                   std::to_string(place->second.size()) + " bytes");
  }
  return place->second;
}

StoredTensor Reader::read_tensor(std::string_view name, const PickledTensor& tensor) {
  const std::string object = "tensor \"" + std::string(name) + "\"";
  const auto storage = storage_of(tensor, object);
  const auto count = count_elements(tensor.shape);
  const auto end = count == 0 ? tensor.offset : reach(tensor);
  if (!count || !end || *end > tensor.storage_size) {
    throw mismatch(object, "elements within its storage of " + std::to_string(tensor.storage_size),
                   "shape " + to_string(tensor.shape) + " with strides " +
                       to_string(tensor.strides) + " from " + std::to_string(tensor.offset));
  }
  std::span<const std::byte> bytes;
  if (count == 0) {
    bytes = storage.first(0);
  } else if (is_contiguous(tensor)) {
    const std::size_t width = size_of(tensor.type);
    bytes = storage.subspan(tensor.offset * width, *count * width);
  } else {
    bytes = copy(tensor, storage, *count, object);
  }
  return {std::string(name), tensor.type, tensor.shape, bytes, file_};
}

std::span<const std::byte> Reader::copy(const PickledTensor& tensor,
                                        std::span<const std::byte> storage, std::uint64_t count,
                                        std::string_view object) {
  // Views may repeat elements of a small file without end.
  const std::size_t most = memory_->file.bytes().size() - copied_;
  const auto size = product(count, size_of(tensor.type));
  if (!size || *size > most) {
    throw mismatch(
        object,
        "copies of non-contiguous tensors no larger than the file, of which " +
            std::to_string(most) + " bytes are left (save it contiguous)",
        "shape " + to_string(tensor.shape) + " with strides " + to_string(tensor.strides));
  }
  copied_ += *size;
  AlignedBuffer<std::byte>& buffer = memory_->copies.emplace_back(*size);
  gather(tensor, storage, buffer.span());
  return buffer.span();
}

}  // namespace

WeightSource open_torch_archive(const std::filesystem::path& file) { return Reader(file).read(); }

}  // namespace polytag
