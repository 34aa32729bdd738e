#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "checkpoints/pickled.hpp"

namespace polytag {

/// Room for the names of some 40,000 tensors. What a pickle builds takes up to a hundred times its
/// size, so this bounds the memory.
inline constexpr std::size_t kMostPickleBytes = std::size_t{1} << 23;

struct Unpickled {
  Pickled value;
  std::size_t size;  ///< of the pickle in bytes; others may follow it
};

/// Runs the pickle machine (https://docs.python.org/3/library/pickletools.html) on the first pickle
/// of `bytes`. No function is called and no class is looked up: what a pickle asks for beyond
/// numbers, texts, containers and tensors becomes an opaque object with a name.
/// @param bytes  at most kMostPickleBytes; must outlive the result, whose strings are views of them
/// @param file, object  their name, for messages
/// @throws FormatError if the pickle is malformed
Unpickled unpickle(std::span<const std::byte> bytes, std::string_view file,
                   std::string_view object);

}  // namespace polytag
