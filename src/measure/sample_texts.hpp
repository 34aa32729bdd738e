#pragma once

#include <string>
#include <vector>

namespace polytag {

/// English texts to measure a model with where there are no others: headlines, messages,
/// paragraphs and a page, the short ones more often, as in most applications.
std::vector<std::string> sample_texts();

}  // namespace polytag
