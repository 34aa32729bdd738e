#include "convert/conversion_source.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <system_error>

#include "convert/origins/classifier_multi_label_rules.hpp"
#include "model/model_files.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;
using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kConfigFiles{"config.json", "albert_config.json",
                                                       "bert_config.json"};
constexpr std::array kVocabularyFiles{std::string_view("vocab.txt"),
                                      classifier_multi_label::kVocabularyFile};
constexpr std::array kLabelFiles{classifier_multi_label::kLabelFile,
                                 std::string_view("labels.txt")};

/// Upper bound of the folders that are searched, above what any program has.
constexpr std::size_t kMostFolders = 1000;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Where a program keeps its checkpoint, if a folder is that of a program.
fs::path checkpoint_of(const fs::path& source) {
  for (const std::string_view folder : classifier_multi_label::kCheckpointFolders) {
    if (is_file(source / folder / "checkpoint")) return source / folder;
  }
  return source;
}

Folders folders_in(const fs::path& folder) {
  Folders folders;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_folder(entry->path())) folders.push_back(entry->path());
    if (folders.size() == kMostFolders) break;
  }
  std::ranges::sort(folders);
  return folders;
}

fs::path file_in(const fs::path& folder, Names names) {
  for (const std::string_view name : names) {
    if (is_file(folder / name)) return folder / name;
  }
  return {};
}

/// Looks into the nearest folders first; of the farther ones only one may have such a file.
fs::path find_file(const Folders& near, const Folders& far, Names names) {
  for (const fs::path& folder : near) {
    if (const fs::path file = file_in(folder, names); !file.empty()) return file;
  }
  fs::path found;
  for (const fs::path& folder : far) {
    const fs::path file = file_in(folder, names);
    if (file.empty()) continue;
    if (!found.empty()) {
      throw FormatError::mismatch(found.string(), "",
                                  "one file of this kind, or an option that names it",
                                  "another in " + folder.string());
    }
    found = file;
  }
  return found;
}

fs::path given_file(const fs::path& file, std::string_view needed_for) {
  if (!is_file(file)) throw IoError::missing(file.string(), needed_for);
  return file;
}

}  // namespace

ConversionSource find_conversion_source(const ConvertOptions& options) {
  const fs::path& source = options.source;
  ConversionSource found;
  Folders near;
  Folders far;
  if (is_folder(source)) {
    found.checkpoint = checkpoint_of(source);
    near = {found.checkpoint, source};
    if (found.checkpoint != source) far = folders_in(source);
  } else {
    found.checkpoint = source;
    near = {source.has_parent_path() ? source.parent_path() : fs::path(".")};
  }
  found.config = options.config ? given_file(*options.config, "the model's configuration")
                                : find_file(near, far, kConfigFiles);
  found.vocabulary = options.vocabulary ? given_file(*options.vocabulary, "the tokenizer")
                                        : find_file(near, far, kVocabularyFiles);
  found.labels = options.labels ? given_file(*options.labels, "the names of the labels")
                                : find_file(near, far, kLabelFiles);
  found.hyperparameters = find_file(near, {}, classifier_multi_label::kHyperparameterFiles);
  return found;
}

}  // namespace polytag
