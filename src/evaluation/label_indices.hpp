#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace polytag {

/// @throws ArgumentError unless there is a label
void require_labels(std::size_t labels);

/// Copies label indices to `set`, ascending and each once.
/// @param name  what they are, for the message
/// @throws ArgumentError for an index that is not below `labels`
void assign_label_set(std::span<const std::size_t> indices, std::size_t labels,
                      std::string_view name, std::vector<std::size_t>& set);

/// @throws ArgumentError unless both are equal
void require_same_labels(std::size_t labels, std::size_t found);

/// @throws ArgumentError unless there is a score per label and all are numbers
void require_scores(std::span<const float> scores, std::size_t labels);

/// The same, and all are in [0, 1].
void require_probabilities(std::span<const float> scores, std::size_t labels);

}  // namespace polytag
