#include "model/model_files.hpp"

#include <system_error>
#include <vector>

#include "files/new_file.hpp"
#include "polytag/weights/stored_bytes.hpp"

namespace polytag {

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be examined is as good as absent
  return std::filesystem::is_regular_file(path, ignored);
}

void write_file(const std::filesystem::path& file, std::string_view text) {
  NewFile out(file);
  out.write(text);
  out.commit();
}

void copy_whole(const std::filesystem::path& from, const std::filesystem::path& to) {
  const StoredBytes source(from);
  NewFile out(to);
  source.for_each_piece([&](std::span<const std::byte> piece) { out.write(piece); });
  out.commit();
}

void copy_tokenizer(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::vector<std::string_view> names{"vocab.txt"};
  names.insert(names.end(), kTokenizerVocabularies.begin(), kTokenizerVocabularies.end());
  names.insert(names.end(), kTokenizerSettings.begin(), kTokenizerSettings.end());
  for (const std::string_view name : names) {
    if (is_file(from / name)) copy_whole(from / name, to / name);
  }
}

}  // namespace polytag
