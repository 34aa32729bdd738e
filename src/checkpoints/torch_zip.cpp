#include <map>
#include <string>
#include <string_view>

#include "checkpoints/torch_file.hpp"
#include "checkpoints/torch_tensors.hpp"
#include "checkpoints/unpickler.hpp"
#include "checkpoints/zip_archive.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostByteOrderBytes = 100;

/// A zip archive as torch.save writes it: one folder with the pickle data.pkl, the storages in
/// data/KEY, and since PyTorch 2.1 the file byteorder.
class Archive {
 public:
  Archive(const StoredBytes& bytes, const std::string& file)
      : file_(file), size_(bytes.size()), zip_(bytes, file) {}

  OpenedCheckpoint read() {
    const ZipArchive::Member& member = find_pickle();
    folder_ = member.name.substr(0, member.name.find('/') + 1);
    check_byte_order();
    const AlignedBuffer<std::byte> pickle = read_member(member, kMostPickleBytes);
    const Unpickled unpickled = unpickle(pickle.span(), file_, member.name);
    TorchTensors tensors(file_, size_, [this](std::string_view key, std::string_view object) {
      return storage(key, object);
    });
    return tensors.read(unpickled.value, member.name);
  }

 private:
  AlignedBuffer<std::byte> read_member(const ZipArchive::Member& member, std::size_t most) const;
  const ZipArchive::Member& find_pickle() const;
  void check_byte_order() const;
  StoredBytes storage(std::string_view key, std::string_view object);

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  const std::string& file_;
  std::size_t size_;
  ZipArchive zip_;
  std::string folder_;                                        // of all members, with a slash
  std::map<std::string, StoredBytes, std::less<>> storages_;  // verified ones, by key
};

AlignedBuffer<std::byte> Archive::read_member(const ZipArchive::Member& member,
                                              std::size_t most) const {
  const StoredBytes bytes = zip_.verified(member);
  if (bytes.size() > most) {
    throw mismatch(member.name, "at most " + std::to_string(most) + " bytes",
                   std::to_string(bytes.size()));
  }
  return bytes.read();
}

const ZipArchive::Member& Archive::find_pickle() const {
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

void Archive::check_byte_order() const {
  const ZipArchive::Member* const member = zip_.find(folder_ + "byteorder");
  if (member == nullptr) return;  // written by PyTorch before 2.1
  const AlignedBuffer<std::byte> bytes = read_member(*member, kMostByteOrderBytes);
  const std::string_view order = as_text(bytes.span());
  if (order != "little") {
    throw mismatch(member->name, "little", "\"" + std::string(order.substr(0, 20)) + "\"");
  }
}

StoredBytes Archive::storage(std::string_view key, std::string_view object) {
  const auto place = storages_.find(key);
  if (place != storages_.end()) return place->second;
  const std::string name = folder_ + "data/" + std::string(key);
  const ZipArchive::Member* const member = zip_.find(name);
  if (member == nullptr) {
    throw mismatch(object, "its bytes as member \"" + name + "\"", "nothing");
  }
  return storages_.emplace(key, zip_.verified(*member)).first->second;
}

}  // namespace

OpenedCheckpoint read_torch_zip(const StoredBytes& bytes, const std::string& file) {
  return Archive(bytes, file).read();
}

}  // namespace polytag
