#include "polytag/checkpoints/torch_archive.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checkpoints/unpickler.hpp"
#include "checkpoints/zip_archive.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostByteOrderBytes = 100;

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
      : file_(path.string()), bytes_(path), zip_(checked(bytes_, file_), file_) {}

  WeightSource read();

 private:
  static const StoredBytes& checked(const StoredBytes& bytes, std::string_view file);
  AlignedBuffer<std::byte> read_member(const ZipArchive::Member& member, std::size_t most) const;
  const ZipArchive::Member& find_pickle() const;
  void check_byte_order() const;
  /// The dict with tensors: the whole, or what stands under a key that training programs use.
  const Pickled::Items& find_state_dict(const Pickled& pickled) const;
  StoredBytes storage_of(const PickledTensor& tensor, std::string_view object);
  StoredTensor read_tensor(std::string_view name, const PickledTensor& tensor);
  StoredBytes copy(const PickledTensor& tensor, const StoredBytes& storage, std::uint64_t count,
                   std::string_view object);

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  std::string file_;
  StoredBytes bytes_;
  ZipArchive zip_;
  std::string folder_;                                // of all members, with a slash
  std::map<std::string_view, StoredBytes> storages_;  // verified ones
  // Those that tensors which are not contiguous were copied from.
  std::map<std::string_view, AlignedBuffer<std::byte>> read_storages_;
  std::uint64_t copied_ = 0;
};

const StoredBytes& Reader::checked(const StoredBytes& bytes, std::string_view file) {
  constexpr std::string_view kBefore16("\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19");
  const auto start = bytes.subrange(0, std::min(bytes.size(), kBefore16.size())).read();
  const std::string_view text = as_text(start.span());
  if (text == kBefore16) {
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

AlignedBuffer<std::byte> Reader::read_member(const ZipArchive::Member& member,
                                             std::size_t most) const {
  const StoredBytes bytes = zip_.verified(member);
  if (bytes.size() > most) {
    throw mismatch(member.name, "at most " + std::to_string(most) + " bytes",
                   std::to_string(bytes.size()));
  }
  return bytes.read();
}

WeightSource Reader::read() {
  const ZipArchive::Member& member = find_pickle();
  folder_ = member.name.substr(0, member.name.find('/') + 1);
  check_byte_order();
  const AlignedBuffer<std::byte> pickle = read_member(member, kMostPickleBytes);
  const Pickled pickled = unpickle(pickle.span(), file_, member.name);
  std::vector<StoredTensor> tensors;
  std::set<std::string_view> names;
  for (const Pickled::Item& item : find_state_dict(pickled)) {
    if (!is_named_tensor(item)) continue;
    const auto name = std::get<std::string_view>(item.first);
    if (!names.insert(name).second) {
      throw mismatch("tensor \"" + std::string(name) + "\"", "one definition", "several");
    }
    const auto tensor = std::get<Pickled::Tensor>(item.second);
    tensors.push_back(read_tensor(name, pickled.tensors[tensor.index]));
  }
  return {file_, std::move(tensors)};
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
  const AlignedBuffer<std::byte> bytes = read_member(*member, kMostByteOrderBytes);
  const std::string_view order = as_text(bytes.span());
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
StoredBytes Reader::storage_of(const PickledTensor& tensor, std::string_view object) {
  auto place = storages_.find(tensor.storage);
  if (place == storages_.end()) {
    const std::string name = folder_ + "data/" + std::string(tensor.storage);
    const ZipArchive::Member* const member = zip_.find(name);
    if (member == nullptr)
      throw mismatch(object, "its bytes as member \"" + name + "\"", "nothing");
    place = storages_.emplace(tensor.storage, zip_.verified(*member)).first;
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
  const StoredBytes storage = storage_of(tensor, object);
  const auto count = count_elements(tensor.shape);
  const auto end = count == 0 ? tensor.offset : reach(tensor);
  if (!count || !end || *end > tensor.storage_size) {
    throw mismatch(object, "elements within its storage of " + std::to_string(tensor.storage_size),
                   "shape " + to_string(tensor.shape) + " with strides " +
                       to_string(tensor.strides) + " from " + std::to_string(tensor.offset));
  }
  StoredBytes bytes;
  if (count != 0 && is_contiguous(tensor)) {
    const std::size_t width = size_of(tensor.type);
    bytes = storage.subrange(tensor.offset * width, *count * width);
  } else if (count != 0) {
    bytes = copy(tensor, storage, *count, object);
  }
  return {std::string(name), tensor.type, tensor.shape, std::move(bytes), file_};
}

StoredBytes Reader::copy(const PickledTensor& tensor, const StoredBytes& storage,
                         std::uint64_t count, std::string_view object) {
  // Views may repeat elements of a small file without end.
  const std::size_t most = bytes_.size() - copied_;
  const auto size = product(count, size_of(tensor.type));
  if (!size || *size > most) {
    throw mismatch(
        object,
        "copies of non-contiguous tensors no larger than the file, of which " +
            std::to_string(most) + " bytes are left (save it contiguous)",
        "shape " + to_string(tensor.shape) + " with strides " + to_string(tensor.strides));
  }
  copied_ += *size;
  auto place = read_storages_.find(tensor.storage);
  if (place == read_storages_.end()) {
    place = read_storages_.emplace(tensor.storage, storage.read()).first;
  }
  AlignedBuffer<std::byte> copied(*size);
  gather(tensor, place->second.span(), copied.span());
  return StoredBytes(std::move(copied));
}

}  // namespace

WeightSource open_torch_archive(const std::filesystem::path& file) { return Reader(file).read(); }

}  // namespace polytag
