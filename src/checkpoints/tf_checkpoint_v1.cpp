#include "checkpoints/tf_checkpoint_v1.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "checkpoints/bundle_messages.hpp"
#include "checkpoints/slice_messages.hpp"
#include "checkpoints/sstable.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

std::string tensor_object(std::string_view name) { return "tensor \"" + std::string(name) + "\""; }

/// The number of elements. @throws FormatError if it does not fit
std::uint64_t count_elements(const Shape& shape, std::string_view file, std::string_view object) {
  std::uint64_t count = 1;
  for (const std::size_t dimension : shape) {
    if (dimension != 0 && count > std::numeric_limits<std::uint64_t>::max() / dimension) {
      throw FormatError::mismatch(file, object, "a shape that fits into memory", to_string(shape));
    }
    count *= dimension;
  }
  return count;
}

/// One file while it is read.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  /// Adds the file's variables to those of others.
  void read(std::vector<StoredTensor>& tensors) {
    bool begun = false;
    const StoredBytes bytes(fs::path{file_});
    read_sstable(bytes, file_, [&](std::string_view key, const TableValue& value) {
      if (begun) {
        add(value, tensors);
      } else if (key.empty()) {
        begin(value.bytes);
      } else {
        throw FormatError::mismatch(file_, "list of variables", "one under the empty key",
                                    "another entry");
      }
      begun = true;
    });
    for (const auto& [name, variable] : variables_) {
      if (!variable.seen) {
        throw FormatError::mismatch(file_, tensor_object(name), "its numbers", "nothing");
      }
    }
  }

 private:
  struct Variable {
    std::uint64_t data_type;
    Shape shape;
    bool seen = false;
  };

  void begin(std::span<const std::byte> message) {
    read_listed_variables(message, file_, [this](const ListedVariable& listed) {
      Variable variable{listed.data_type, listed.shape};
      if (!variables_.emplace(listed.name, std::move(variable)).second) {
        throw FormatError::mismatch(file_, tensor_object(listed.name), "one definition", "several");
      }
    });
  }

  void add(const TableValue& value, std::vector<StoredTensor>& tensors);

  std::string file_;
  std::map<std::string, Variable, std::less<>> variables_;
};

void Reader::add(const TableValue& value, std::vector<StoredTensor>& tensors) {
  const SavedVariable saved = read_saved_variable(value.bytes, file_, "a variable");
  const std::string object = tensor_object(saved.name);
  const auto place = variables_.find(saved.name);
  if (place == variables_.end()) {
    throw FormatError::mismatch(file_, object, "a variable of the list", "another");
  }
  Variable& variable = place->second;
  if (std::exchange(variable.seen, true)) {
    throw FormatError::mismatch(file_, object, "its numbers once", "twice");
  }
  const std::optional<ElementType> type = tensorflow_type(variable.data_type);
  if (!type) return;
  const std::uint64_t count = count_elements(variable.shape, file_, object);
  StoredBytes numbers = read_numbers(saved.tensor, value, *type, count, file_, object);
  tensors.push_back({place->first, *type, variable.shape, std::move(numbers), file_});
}

bool is_file(const fs::path& path) {
  std::error_code ignored;  // what cannot be examined is as good as absent
  return fs::is_regular_file(path, ignored);
}

/// The files that a name stands for; none if they are not there.
std::vector<fs::path> files_of(const fs::path& prefix) {
  if (is_file(prefix)) return {prefix};
  constexpr std::string_view kShards =
      "????"
      "?-of-";  // two literals, since ??- is a trigraph
  constexpr std::size_t kDigits = 5;
  const std::string name = prefix.string();
  const std::size_t at = name.rfind(kShards);
  if (at == std::string::npos) return {};
  const std::string total = name.substr(at + kShards.size());
  if (total.size() != kDigits || total.find_first_not_of("0123456789") != std::string::npos) {
    return {};
  }
  std::vector<fs::path> files;
  for (std::size_t shard = 0; shard < std::stoul(total); ++shard) {
    const std::string number = std::to_string(shard);
    files.emplace_back(name.substr(0, at) + std::string(kDigits - number.size(), '0') + number +
                       "-of-" + total);
    if (!is_file(files.back())) {
      if (shard == 0) return {};
      throw IoError::missing(files.back().string(), "tensors of " + name);
    }
  }
  return files;
}

}  // namespace

std::optional<WeightSource> open_tf_checkpoint_v1(const fs::path& prefix) {
  const std::vector<fs::path> files = files_of(prefix);
  if (files.empty()) return std::nullopt;
  std::vector<StoredTensor> tensors;
  for (const fs::path& file : files) Reader(file.string()).read(tensors);
  return WeightSource(prefix.string(), std::move(tensors));
}

}  // namespace polytag
