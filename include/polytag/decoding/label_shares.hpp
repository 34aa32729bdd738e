#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "polytag/decoding/step_function.hpp"

namespace polytag {

/// How much of the sequences' probability, taken together as 1, lies in those that hold each id,
/// however often they do. So an id that all sequences hold has 1, and one that none holds 0.
/// @param sequences  of one text; different from each other, as beams are, of ids in the vocabulary
/// @return [vocabulary_size], each in [0, 1]; all 0 if there is no sequence
inline std::vector<float> label_shares(std::span<const DecodedSequence> sequences,
                                       std::size_t vocabulary_size) {
  std::vector<double> mass(vocabulary_size);
  std::vector<std::size_t> last_holder(vocabulary_size, sequences.size());
  double highest = -std::numeric_limits<double>::infinity();  // so that nothing underflows to 0 / 0
  for (const DecodedSequence& sequence : sequences) {
    highest = std::max(highest, double{sequence.log_probability});
  }
  double total = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const double probability = std::exp(double{sequences[i].log_probability} - highest);
    total += probability;
    for (const std::size_t id : sequences[i].ids) {
      if (last_holder[id] == i) continue;
      last_holder[id] = i;
      mass[id] += probability;
    }
  }
  std::vector<float> shares(vocabulary_size);
  for (std::size_t id = 0; id < vocabulary_size && !sequences.empty(); ++id) {
    shares[id] = static_cast<float>(mass[id] / total);
  }
  return shares;
}

}  // namespace polytag
