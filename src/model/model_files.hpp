#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string_view>

namespace polytag {

/// A config.json may be so large: a million long label names fit.
inline constexpr std::size_t kMostConfigBytes = std::size_t{1} << 28;

/// Hugging Face's files of a tokenizer beside vocab.txt: those with a vocabulary, and the others.
inline constexpr std::array<std::string_view, 7> kTokenizerVocabularies{
    "tokenizer.json", "vocab.json",   "merges.txt",     "sentencepiece.bpe.model",
    "spm.model",      "spiece.model", "tokenizer.model"};
inline constexpr std::array<std::string_view, 3> kTokenizerSettings{
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"};

bool is_file(const std::filesystem::path& path);

/// Write a whole file or none, durably. @throws IoError
void write_file(const std::filesystem::path& file, std::string_view text);
void copy_whole(const std::filesystem::path& from, const std::filesystem::path& to);

/// Copies the files of a tokenizer from one directory to another. @throws IoError
void copy_tokenizer(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace polytag
