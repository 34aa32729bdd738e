#include "checkpoints/sharded_weights.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostIndexBytes = std::size_t{1} << 24;

/// The shard of each tensor, as the index has it.
std::map<std::string, std::string> read_weight_map(const std::filesystem::path& index) {
  const std::string file = index.string();
  const JsonDocument document = parse_json(read_text_file(file, kMostIndexBytes), file);
  const auto field = document->is_object() ? document->find("weight_map") : document->end();
  if (field == document->end() || !field->is_object()) {
    throw FormatError::mismatch(file, "weight_map", "an object of file names by tensor",
                                field == document->end() ? "nothing" : field->type_name());
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

}  // namespace

WeightSource open_shards(const std::filesystem::path& index, const OpenShard& open) {
  const std::map<std::string, std::string> shard_of = read_weight_map(index);
  std::map<std::string, std::size_t> expected;  // tensors that the index places in each shard
  for (const auto& [name, shard] : shard_of) ++expected[shard];

  std::vector<StoredTensor> tensors;
  for (const auto& [shard, count] : expected) {
    const std::filesystem::path file = index.parent_path() / shard;
    std::error_code ignored;  // what cannot be examined is as good as absent
    if (!std::filesystem::exists(file, ignored)) {
      throw IoError::missing(file.string(), std::to_string(count) + " tensors that " +
                                                index.string() + " places in it");
    }
    for (StoredTensor& tensor : open(file)) {
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
  WeightSource source(index.string(), std::move(tensors));
  for (const auto& [name, shard] : shard_of) {
    if (source.find(name) == nullptr) {
      throw FormatError::mismatch((index.parent_path() / shard).string(), "tensor \"" + name + "\"",
                                  "its bytes, as " + index.string() + " says", "nothing");
    }
  }
  return source;
}

}  // namespace polytag
