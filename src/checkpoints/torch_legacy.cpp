#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoints/torch_file.hpp"
#include "checkpoints/torch_tensors.hpp"
#include "checkpoints/unpickler.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::int64_t kVersion = 1001;

/// A file as torch.save wrote it before PyTorch 1.6: five pickles (a magic number, the version of
/// the format, facts about the machine, the object that was saved, the keys of its storages), and
/// the storages in the order of the keys, each as its number of elements and their bytes. Numbers
/// are little-endian on every machine.
class LegacyFile {
 public:
  LegacyFile(const StoredBytes& bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  OpenedCheckpoint read() {
    const AlignedBuffer<std::byte> pickles = read_pickles(0);
    take_pickle(pickles, 0, "magic number");
    const Unpickled version = take_pickle(pickles, 0, "version");
    if (const auto* const number = std::get_if<std::int64_t>(&version.value.root);
        number == nullptr || *number != kVersion) {
      throw FormatError::mismatch(file_, "version", std::to_string(kVersion), "another");
    }
    take_pickle(pickles, 0, "system");
    const Unpickled object = take_pickle(pickles, 0, kObject);
    const std::size_t begin = position_;
    const AlignedBuffer<std::byte> rest = read_pickles(begin);
    const Unpickled keys = take_pickle(rest, begin, "storage keys");
    locate_storages(object.value, keys.value);
    TorchTensors tensors(file_, bytes_.size(), [this](std::string_view key, std::string_view name) {
      return storage(key, name);
    });
    return tensors.read(object.value, kObject);
  }

 private:
  static constexpr std::string_view kObject = "pickle";

  /// The bytes of the file from a place on, up to the upper bound of a pickle's size.
  AlignedBuffer<std::byte> read_pickles(std::size_t begin) const {
    return bytes_.subrange(begin, std::min(bytes_.size() - begin, kMostPickleBytes)).read();
  }

  /// The next pickle. @param buffer  the bytes of the file from `begin` on
  Unpickled take_pickle(const AlignedBuffer<std::byte>& buffer, std::size_t begin,
                        std::string_view object) {
    Unpickled pickle = unpickle(buffer.span().subspan(position_ - begin), file_, object);
    position_ += pickle.size;
    return pickle;
  }

  void locate_storages(const Pickled& object, const Pickled& keys);
  StoredBytes storage(std::string_view key, std::string_view object) const;

  const StoredBytes& bytes_;
  const std::string& file_;
  std::size_t position_ = 0;
  std::map<std::string, StoredBytes, std::less<>> storages_;  // by key
};

void LegacyFile::locate_storages(const Pickled& object, const Pickled& keys) {
  std::map<std::string_view, std::size_t> widths;  // of elements; the first mention decides
  for (const auto& stored : object.storages) widths.emplace(stored.key, stored.type->width);
  const auto* const list = std::get_if<Pickled::List>(&keys.root);
  if (list == nullptr) {
    throw FormatError::mismatch(file_, "storage keys", "a list", "another value");
  }
  for (const Pickled::Value& value : keys.lists[list->index]) {
    const auto* const key = std::get_if<std::string_view>(&value);
    const auto width = key == nullptr ? widths.end() : widths.find(*key);
    if (width == widths.end()) {
      throw FormatError::mismatch(
          file_, "storage keys", "keys that tensors name",
          key == nullptr ? "another value" : "\"" + std::string(*key) + "\"");
    }
    const std::string name = "storage \"" + std::string(*key) + "\"";
    const std::size_t left = bytes_.size() - position_;
    if (left < sizeof(std::uint64_t)) {
      throw FormatError::mismatch(file_, name, "its number of elements", "the end of the file");
    }
    const auto header = bytes_.subrange(position_, sizeof(std::uint64_t)).read();
    const auto count = load_little_endian<std::uint64_t>(header.data());
    position_ += sizeof(std::uint64_t);
    if (count > (bytes_.size() - position_) / width->second) {
      throw FormatError::mismatch(
          file_, name,
          std::to_string(count) + " elements of " + std::to_string(width->second) + " bytes",
          std::to_string(bytes_.size() - position_) + " bytes");
    }
    const std::size_t size = static_cast<std::size_t>(count) * width->second;
    if (!storages_.emplace(*key, bytes_.subrange(position_, size)).second) {
      throw FormatError::mismatch(file_, name, "one of this key", "several");
    }
    position_ += size;
  }
}

StoredBytes LegacyFile::storage(std::string_view key, std::string_view object) const {
  const auto place = storages_.find(key);
  if (place != storages_.end()) return place->second;
  throw FormatError::mismatch(file_, object, "its storage \"" + std::string(key) + "\"", "nothing");
}

}  // namespace

OpenedCheckpoint read_torch_legacy(const StoredBytes& bytes, const std::string& file) {
  return LegacyFile(bytes, file).read();
}

}  // namespace polytag
