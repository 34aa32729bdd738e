#include "polytag/checkpoints/safetensors.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "checkpoints/mapped_file.hpp"
#include "checkpoints/safetensors_format.hpp"
#include "core/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Room for the names of some hundred thousand tensors; a parsed header takes several times its
/// size.
constexpr std::size_t kMostHeaderBytes = std::size_t{1} << 24;
constexpr std::size_t kMostDimensions = 16;

std::string tensor_object(std::string_view name, std::string_view field) {
  return "tensor \"" + std::string(name) + "\": " + std::string(field);
}

/// A tensor's place behind the header.
struct Extent {
  std::size_t begin;
  std::size_t end;
};

/// One file while it is read.
class Reader {
 public:
  Reader(std::string file, std::span<const std::byte> bytes)
      : file_(std::move(file)),
        header_(header_of(bytes)),
        data_(bytes.subspan(kSafetensorsLengthSize + header_.size())) {}

  std::vector<StoredTensor> read() const;

 private:
  std::string_view header_of(std::span<const std::byte> bytes) const;
  StoredTensor read_tensor(const std::string& name, const Json& entry) const;
  ElementType read_type(const std::string& name, const Json& entry) const;
  Shape read_shape(const std::string& name, const Json& entry) const;
  Extent read_extent(const std::string& name, const Json& entry) const;
  /// Whether each tensor begins where the one before it ends, and the last ends with the file.
  void check_layout(std::span<const StoredTensor> tensors) const;

  FormatError mismatch(std::string_view object, std::string_view expected,
                       std::string_view found) const {
    return FormatError::mismatch(file_, object, expected, found);
  }

  std::string file_;
  std::string_view header_;
  std::span<const std::byte> data_;
};

std::string_view Reader::header_of(std::span<const std::byte> bytes) const {
  if (bytes.size() < kSafetensorsLengthSize) {
    throw mismatch("file size", "at least 8 bytes", std::to_string(bytes.size()));
  }
  std::uint64_t length = 0;
  for (std::size_t i = kSafetensorsLengthSize; i-- > 0;) {
    length = length << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  const std::size_t most = std::min(kMostHeaderBytes, bytes.size() - kSafetensorsLengthSize);
  if (length < 2 || length > most) {
    throw mismatch(
        "header length",
        "2 to " + std::to_string(most) + " bytes in a file of " + std::to_string(bytes.size()),
        std::to_string(length));
  }
  return {reinterpret_cast<const char*>(bytes.data()) + kSafetensorsLengthSize,
          static_cast<std::size_t>(length)};
}

std::vector<StoredTensor> Reader::read() const {
  const Json header = parse_json(header_, file_);
  if (!header.is_object()) throw mismatch("header", "an object", header.type_name());
  std::vector<StoredTensor> tensors;
  tensors.reserve(header.size());
  for (const auto& [name, entry] : header.items()) {
    if (name == kSafetensorsMetadata) {
      if (!entry.is_object() || !std::ranges::all_of(entry, &Json::is_string)) {
        throw mismatch(kSafetensorsMetadata, "an object of strings", entry.type_name());
      }
    } else {
      tensors.push_back(read_tensor(name, entry));
    }
  }
  std::ranges::sort(tensors, {}, [](const StoredTensor& tensor) {
    return std::pair(tensor.bytes.data(), tensor.bytes.size());
  });
  check_layout(tensors);
  return tensors;
}

StoredTensor Reader::read_tensor(const std::string& name, const Json& entry) const {
  if (!entry.is_object()) {
    throw mismatch("tensor \"" + name + "\"", "an object", entry.type_name());
  }
  for (const auto& [key, value] : entry.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      throw mismatch("tensor \"" + name + "\"", "dtype, shape and data_offsets",
                     "also \"" + key + "\"");
    }
  }
  const ElementType type = read_type(name, entry);
  Shape shape = read_shape(name, entry);
  const Extent extent = read_extent(name, entry);

  std::size_t size = size_of(type);
  for (const std::size_t dimension : shape) {
    if (dimension != 0 && size > std::numeric_limits<std::size_t>::max() / dimension) {
      throw mismatch(tensor_object(name, "shape"), "a size in bytes that fits 64 bits",
                     to_string(shape));
    }
    size *= dimension;
  }
  if (extent.end - extent.begin != size) {
    throw mismatch(tensor_object(name, "data_offsets"),
                   std::to_string(size) + " bytes for " + std::string(to_string(type)) + " " +
                       to_string(shape),
                   std::to_string(extent.end - extent.begin));
  }
  return {name, type, std::move(shape), data_.subspan(extent.begin, size), file_};
}

ElementType Reader::read_type(const std::string& name, const Json& entry) const {
  const auto field = entry.find("dtype");
  const std::string found = field == entry.end() ? "nothing"
                            : field->is_string() ? field->get<std::string>()
                                                 : field->type_name();
  const auto* const known =
      std::ranges::find(kSafetensorsTypes, found, &decltype(kSafetensorsTypes)::value_type::first);
  if (known != kSafetensorsTypes.end()) return known->second;
  std::string names;
  for (const auto& [type_name, type] : kSafetensorsTypes) {
    names.append(names.empty() ? "one of " : ", ").append(type_name);
  }
  throw mismatch(tensor_object(name, "dtype"), names, found);
}

Shape Reader::read_shape(const std::string& name, const Json& entry) const {
  const std::string object = tensor_object(name, "shape");
  const auto field = entry.find("shape");
  if (field == entry.end()) throw mismatch(object, "a list of dimensions", "nothing");
  if (!field->is_array()) throw mismatch(object, "a list of dimensions", field->type_name());
  if (field->size() > kMostDimensions) {
    throw mismatch(object, "at most " + std::to_string(kMostDimensions) + " dimensions",
                   std::to_string(field->size()));
  }
  Shape shape;
  for (const Json& dimension : *field) {
    if (!dimension.is_number_unsigned()) {
      throw mismatch(object, "whole numbers from 0", dimension.dump());
    }
    shape.push_back(dimension.get<std::size_t>());
  }
  return shape;
}

Extent Reader::read_extent(const std::string& name, const Json& entry) const {
  const std::string object = tensor_object(name, "data_offsets");
  const auto field = entry.find("data_offsets");
  if (field == entry.end()) throw mismatch(object, "two numbers", "nothing");
  if (!field->is_array() || field->size() != 2 ||
      !std::ranges::all_of(*field, &Json::is_number_unsigned)) {
    throw mismatch(object, "two whole numbers from 0",
                   field->is_array() && field->size() <= 2 ? field->dump() : field->type_name());
  }
  const Extent extent{(*field)[0].get<std::size_t>(), (*field)[1].get<std::size_t>()};
  if (extent.begin > extent.end || extent.end > data_.size()) {
    throw mismatch(
        object, "a range within the " + std::to_string(data_.size()) + " bytes behind the header",
        field->dump());
  }
  return extent;
}

void Reader::check_layout(std::span<const StoredTensor> tensors) const {
  std::size_t end = 0;
  for (const StoredTensor& tensor : tensors) {
    const auto begin = static_cast<std::size_t>(tensor.bytes.data() - data_.data());
    if (begin != end) {
      throw mismatch(tensor_object(tensor.name, "data_offsets"),
                     "a beginning at " + std::to_string(end) + ", where the tensor before it ends",
                     std::to_string(begin) + (begin < end ? " (an overlap)" : " (a gap)"));
    }
    end += tensor.bytes.size();
  }
  if (end != data_.size()) {
    throw mismatch("file size", std::to_string(end) + " bytes of tensors behind the header",
                   std::to_string(data_.size()));
  }
}

using Files = std::vector<MappedFile>;

bool is_present(const std::filesystem::path& file) {
  std::error_code ignored;  // what cannot be examined is as good as absent
  return std::filesystem::exists(file, ignored);
}

std::vector<StoredTensor> open_file(const std::filesystem::path& file, Files& files) {
  files.emplace_back(file);
  return Reader(file.string(), files.back().bytes()).read();
}

WeightSource open_single(const std::filesystem::path& file) {
  const auto files = std::make_shared<Files>();
  std::vector<StoredTensor> tensors = open_file(file, *files);
  return {file.string(), std::move(tensors), files};
}

/// The shard of each tensor, as the index has it.
std::map<std::string, std::string> read_weight_map(const std::filesystem::path& index) {
  const std::string file = index.string();
  const Json document = parse_json(read_text_file(file, kMostHeaderBytes), file);
  const auto field = document.is_object() ? document.find("weight_map") : document.end();
  if (field == document.end() || !field->is_object()) {
    throw FormatError::mismatch(file, "weight_map", "an object of file names by tensor",
                                field == document.end() ? "nothing" : field->type_name());
  }
  std::map<std::string, std::string> shards;
  for (const auto& [name, shard] : field->items()) {
    const std::string object = "weight_map: \"" + name + "\"";
    if (!shard.is_string()) {
      throw FormatError::mismatch(file, object, "a file name", shard.type_name());
    }
    auto& shard_name = shard.get_ref<const std::string&>();
    // A shard lies beside its index: nothing in a model may point out of the model's directory.
    if (shard_name.empty() || shard_name == "." || shard_name == ".." ||
        shard_name.find_first_of(std::string_view("/\\:\0", 4)) != std::string::npos) {
      throw FormatError::mismatch(file, object, "the name of a file beside the index",
                                  "\"" + shard_name + "\"");
    }
    shards.emplace(name, shard_name);
  }
  return shards;
}

WeightSource open_sharded(const std::filesystem::path& index) {
  const std::map<std::string, std::string> shard_of = read_weight_map(index);
  std::map<std::string, std::size_t> expected;  // tensors that the index places in each shard
  for (const auto& [name, shard] : shard_of) ++expected[shard];

  const auto files = std::make_shared<Files>();
  std::vector<StoredTensor> tensors;
  for (const auto& [shard, count] : expected) {
    const std::filesystem::path file = index.parent_path() / shard;
    if (!is_present(file)) {
      throw IoError::missing(file.string(), std::to_string(count) + " tensors that " +
                                                index.string() + " places in it");
    }
    for (StoredTensor& tensor : open_file(file, *files)) {
      const auto place = shard_of.find(tensor.name);
      if (place == shard_of.end() || place->second != shard) {
        throw FormatError::mismatch(
            index.string(), "weight_map: \"" + tensor.name + "\"",
            "\"" + shard + "\", which holds it",
            place == shard_of.end() ? "nothing" : "\"" + place->second + "\"");
      }
      tensors.push_back(std::move(tensor));
    }
  }
  WeightSource source(index.string(), std::move(tensors), files);
  for (const auto& [name, shard] : shard_of) {
    if (source.find(name) == nullptr) {
      throw FormatError::mismatch((index.parent_path() / shard).string(), "tensor \"" + name + "\"",
                                  "its bytes, as " + index.string() + " says", "nothing");
    }
  }
  return source;
}

}  // namespace

WeightSource open_safetensors(const std::filesystem::path& file) {
  std::error_code ignored;  // opening it says why
  if (std::filesystem::is_directory(file, ignored)) {
    const std::filesystem::path single = file / "model.safetensors";
    const std::filesystem::path index = file / "model.safetensors.index.json";
    if (is_present(single)) return open_single(single);
    if (is_present(index)) return open_sharded(index);
    throw IoError::missing(single.string(),
                           "the weights (polytag convert makes it from other formats)");
  }
  return file.extension() == ".json" ? open_sharded(file) : open_single(file);
}

}  // namespace polytag
