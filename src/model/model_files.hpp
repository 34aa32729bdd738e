#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string_view>

namespace polytag {

/// A config.json may be so large: a million long label names fit.
inline constexpr std::size_t kMostConfigBytes = std::size_t{1} << 28;

/// Hugging Face's files of a tokenizer beside vocab.txt.
inline constexpr std::array<std::string_view, 4> kTokenizerFiles{
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"};

/// The files that tokenizers without a tokenizer.json are made of, again beside vocab.txt.
inline constexpr std::array<std::string_view, 6> kSlowTokenizerFiles{
    "vocab.json", "merges.txt",   "sentencepiece.bpe.model",
    "spm.model",  "spiece.model", "tokenizer.model"};

bool is_file(const std::filesystem::path& path);

/// Both bring what they write to the disk. @throws IoError
void write_file(const std::filesystem::path& file, std::string_view text);
void copy_whole(const std::filesystem::path& from, const std::filesystem::path& to);

/// Copies the files of a tokenizer from one directory to another. @throws IoError
void copy_tokenizer(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace polytag
