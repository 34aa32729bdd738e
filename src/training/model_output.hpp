#pragma once

#include <cstddef>
#include <filesystem>

#include "polytag/training/parameter_store.hpp"

namespace polytag::training {

/// Whether an encoder's directory has the mean pooling of sentence-transformers.
bool pools_by_mean(const std::filesystem::path& encoder);

/// Writes what makes a directory one of sentence-transformers: Transformer, mean pooling, and one
/// dense module with a sigmoid.
void write_sentence_modules(const std::filesystem::path& directory, std::size_t hidden_size,
                            std::size_t labels, std::size_t maximum_tokens);

/// Writes the weights. @param apart  whether those of 2_Dense go into its folder
void write_weights(const std::filesystem::path& directory, const ParameterStore& store, bool apart);

/// Copies the files of a tokenizer, with another maximum length.
void copy_tokenizer_files(const std::filesystem::path& from, const std::filesystem::path& to,
                          std::size_t maximum_tokens);

}  // namespace polytag::training
