#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoints/pickled.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"

namespace polytag {

/// The tensors that a model is made of, among everything that a training program has saved.
struct StateDict {
  struct Entry {
    std::string name;
    std::size_t tensor;  ///< index into Pickled::tensors
  };
  std::vector<Entry> tensors;
  std::vector<UnreadValue> unread;
};

/// Finds the state dict of a pickle: the dict of tensors at its root or under one of the keys that
/// training programs use ("state_dict", "model", …), however they are nested. Where a dict has
/// state dicts under other keys, one for each part of a model, their names are joined with a dot.
/// @param file, object     name the pickle, for messages
/// @param most_name_bytes  upper bound of the length of all names together
/// @throws FormatError if there is none, naming the class that hides it if one does; if a name
///         occurs twice
StateDict find_state_dict(const Pickled& pickled, std::string_view file, std::string_view object,
                          std::size_t most_name_bytes);

}  // namespace polytag
