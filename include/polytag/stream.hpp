#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "polytag/classifier.hpp"

namespace polytag {

/// Classifies a range of any length in bounded memory: reads up to `chunk` texts at a time and
/// hands each prediction, in order, to sink(const Prediction&).
/// @throws what MultiLabelClassifier::classify and the sink throw
template <std::ranges::input_range Texts, class Sink>
requires std::constructible_from<std::string, std::ranges::range_reference_t<Texts>>
void classify_stream(const MultiLabelClassifier& classifier, Texts&& texts, Sink&& sink,
                     const ClassifyOptions& options = {}, std::size_t chunk = 1024) {
  std::vector<std::string> owned;
  const auto flush = [&] {
    const std::vector<TextInput> inputs(owned.begin(), owned.end());
    for (const Prediction& prediction : classifier.classify(inputs, options)) sink(prediction);
    owned.clear();
  };
  for (auto&& text : texts) {
    owned.emplace_back(std::forward<decltype(text)>(text));
    if (owned.size() >= chunk) flush();
  }
  if (!owned.empty()) flush();
}

}  // namespace polytag
