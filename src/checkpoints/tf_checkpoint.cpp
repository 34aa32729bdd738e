#include "polytag/checkpoints/tf_checkpoint.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "checkpoints/bundle_messages.hpp"
#include "checkpoints/checkpoint_state.hpp"
#include "checkpoints/sstable.hpp"
#include "checkpoints/tf_checkpoint_v1.hpp"
#include "files/crc32.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostStateBytes = std::size_t{1} << 20;
/// Upper bound of the size of an index, which leaves room for a million tensors.
constexpr std::size_t kMostIndexBytes = std::size_t{1} << 26;
/// A table writes every 16th key in full, so all names together are shorter than this many indices.
constexpr std::size_t kMostKeyExpansion = 16;

std::string tensor_object(std::string_view name) { return "tensor \"" + std::string(name) + "\""; }

/// Where the bytes of an entry lie.
struct Extent {
  std::uint64_t shard;
  std::uint64_t offset;
  std::uint64_t size;
  std::string name;
};

/// The data files of a checkpoint, opened when they are first asked for.
class Shards {
 public:
  Shards(std::filesystem::path prefix, std::uint64_t count)
      : prefix_(std::move(prefix)), count_(count) {}

  std::string name(std::uint64_t shard) const {
    const auto digits = [](std::uint64_t number) {
      std::string text = std::to_string(number);
      return text.size() < 5 ? text.insert(0, 5 - text.size(), '0') : text;
    };
    return prefix_.string() + ".data-" + digits(shard) + "-of-" + digits(count_);
  }

  const StoredBytes& bytes(std::uint64_t shard) {
    const auto place = files_.find(shard);
    if (place != files_.end()) return place->second;
    const std::filesystem::path file = name(shard);
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
      throw IoError::missing(file.string(), "tensors of " + prefix_.string() + ".index");
    }
    return files_.emplace(shard, StoredBytes(file)).first->second;
  }

 private:
  std::filesystem::path prefix_;
  std::uint64_t count_;
  std::map<std::uint64_t, StoredBytes> files_;
};

/// One checkpoint while it is read.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& prefix)
      : prefix_(prefix), file_(prefix.string() + ".index") {}

  WeightSource read() {
    const StoredBytes index(std::filesystem::path{file_});
    index_size_ = index.size();
    if (index_size_ > kMostIndexBytes) {
      throw FormatError::mismatch(file_, "file size",
                                  "at most " + std::to_string(kMostIndexBytes) + " bytes",
                                  std::to_string(index_size_));
    }
    read_sstable(index, file_, [this](std::string_view key, const TableValue& value) {
      if (shards_) {
        add(key, value.bytes);
      } else {
        begin(key, value.bytes);
      }
    });
    if (!shards_) {
      throw FormatError::mismatch(file_, "header", "a header under the empty key", "no entries");
    }
    check_extents();
    check_checksums();
    return {file_, std::move(tensors_)};
  }

 private:
  void begin(std::string_view key, std::span<const std::byte> value) {
    if (!key.empty()) {
      throw FormatError::mismatch(file_, "header", "a header under the empty key",
                                  "the first entry \"" + std::string(key) + "\"");
    }
    shard_count_ = read_bundle_header(value, file_).shards;
    shards_.emplace(prefix_, shard_count_);
  }

  void add(std::string_view name, std::span<const std::byte> value);
  StoredBytes locate(const BundleEntry& entry, std::string_view object);
  void check_extents();
  void check_checksums() const;

  std::filesystem::path prefix_;
  std::string file_;
  std::size_t index_size_ = 0;
  std::uint64_t shard_count_ = 0;
  std::optional<Shards> shards_;  // none until the header has been read
  std::size_t name_bytes_ = 0;
  std::vector<StoredTensor> tensors_;
  std::vector<std::uint32_t> checksums_;  // of tensors_, masked
  std::vector<Extent> extents_;
};

void Reader::add(std::string_view name, std::span<const std::byte> value) {
  if (name.starts_with('\0')) {  // the key of a slice: this byte, then the variable's name
    throw FormatError::mismatch(file_, tensor_object(name.substr(1, name.find('\0', 1) - 1)),
                                "a whole variable",
                                "a slice of it; save it again without a partitioner");
  }
  name_bytes_ += name.size();
  if (name_bytes_ / kMostKeyExpansion > index_size_) {
    throw FormatError::mismatch(file_, "names of tensors",
                                "at most 16 times the size of the file together", "more");
  }
  const std::string object = tensor_object(name);
  BundleEntry entry = read_bundle_entry(value, file_, object);
  StoredBytes bytes = locate(entry, object);
  if (entry.size > 0)
    extents_.push_back({entry.shard, entry.offset, entry.size, std::string(name)});
  const std::optional<ElementType> type = tensorflow_type(entry.data_type);
  if (!type) {
    if (entry.data_type == 0) throw FormatError::mismatch(file_, object, "an element type", "none");
    return;
  }
  std::uint64_t size = size_of(*type);
  bool fits = true;
  for (const std::size_t dimension : entry.shape) {
    fits =
        fits && (dimension == 0 || size <= std::numeric_limits<std::uint64_t>::max() / dimension);
    size *= dimension;
  }
  if (!fits || size != entry.size) {
    throw FormatError::mismatch(
        file_, object,
        "the size of " + std::string(to_string(*type)) + " " + to_string(entry.shape),
        std::to_string(entry.size) + " bytes");
  }
  tensors_.push_back({std::string(name), *type, std::move(entry.shape), std::move(bytes),
                      shards_->name(entry.shard)});
  checksums_.push_back(entry.masked_crc);
}

/// The bytes of an entry, within their data file.
StoredBytes Reader::locate(const BundleEntry& entry, std::string_view object) {
  if (entry.shard >= shard_count_) {
    throw FormatError::mismatch(file_, object,
                                "one of " + std::to_string(shard_count_) + " data files",
                                "number " + std::to_string(entry.shard));
  }
  const StoredBytes& data = shards_->bytes(entry.shard);
  if (entry.offset > data.size() || entry.size > data.size() - entry.offset) {
    throw FormatError::mismatch(
        shards_->name(entry.shard), object,
        std::to_string(entry.size) + " bytes at " + std::to_string(entry.offset),
        "a file of " + std::to_string(data.size()) + " bytes");
  }
  return data.subrange(static_cast<std::size_t>(entry.offset),
                       static_cast<std::size_t>(entry.size));
}

void Reader::check_extents() {
  std::ranges::sort(extents_, {},
                    [](const Extent& extent) { return std::pair(extent.shard, extent.offset); });
  for (std::size_t i = 1; i < extents_.size(); ++i) {
    const Extent& before = extents_[i - 1];
    const Extent& extent = extents_[i];
    if (extent.shard == before.shard && extent.offset - before.offset < before.size) {
      throw FormatError::mismatch(shards_->name(extent.shard), tensor_object(extent.name),
                                  "bytes of its own, behind those of " +
                                      tensor_object(before.name) + ", which end at " +
                                      std::to_string(before.offset + before.size),
                                  "bytes at " + std::to_string(extent.offset));
    }
  }
}

/// Runs after check_extents(): entries that share bytes could make this take time without end.
void Reader::check_checksums() const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const StoredTensor& tensor = tensors_[i];
    std::uint32_t crc = 0;
    tensor.bytes.for_each_piece(
        [&](std::span<const std::byte> piece) { crc = crc32c(piece, crc); });
    if (masked_crc(crc) != checksums_[i]) {
      throw FormatError::mismatch(tensor.file, tensor_object(tensor.name),
                                  "the checksum " + std::to_string(checksums_[i]),
                                  std::to_string(masked_crc(crc)) + " for its bytes");
    }
  }
}

std::filesystem::path prefix_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::filesystem::path state = path / "checkpoint";
    if (!std::filesystem::exists(state, ignored)) {
      throw IoError::missing(state.string(),
                             "the newest checkpoint's name (or name one by its prefix)");
    }
    const std::string text = read_text_file(state.string(), kMostStateBytes);
    return path / latest_checkpoint(text, state.string());
  }
  std::filesystem::path prefix = path;
  return path.extension() == ".index" ? prefix.replace_extension() : prefix;
}

}  // namespace

WeightSource open_tf_checkpoint(const std::filesystem::path& path) {
  const std::filesystem::path prefix = prefix_of(path);
  const std::string index = prefix.string() + ".index";
  std::error_code ignored;
  if (std::filesystem::exists(index, ignored)) return Reader(prefix).read();
  if (auto first_format = open_tf_checkpoint_v1(prefix)) return *std::move(first_format);
  throw IoError::missing(index, "the checkpoint " + path.string());
}

}  // namespace polytag
