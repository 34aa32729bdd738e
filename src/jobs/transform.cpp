#include "jobs/transform.hpp"

#include <algorithm>

namespace polytag {

std::vector<TextInput> text_inputs(std::span<const InputRow> rows) {
  std::vector<TextInput> inputs;
  inputs.reserve(rows.size());
  for (const InputRow& row : rows) inputs.emplace_back(row.text, row.text_pair);
  return inputs;
}

std::size_t most_rows_in_memory(std::size_t labels) noexcept {
  constexpr std::size_t kMostScores = std::size_t{4} << 20;
  return std::clamp<std::size_t>(kMostScores / std::max<std::size_t>(labels, 1), 64, 16384);
}

}  // namespace polytag
