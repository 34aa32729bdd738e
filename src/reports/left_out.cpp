#include "reports/left_out.hpp"

namespace polytag {

std::string describe(const LeftOut& left_out) {
  constexpr std::size_t kMostNames = 10;
  const auto texts = [](std::size_t count) {
    return std::to_string(count) + (count == 1 ? " text" : " texts");
  };
  std::string words;
  std::size_t names = 0;
  for (const auto& [name, count] : left_out.labels) {
    words.append(names == 0 ? "labels that the model does not have: \"" : ", \"");
    if (++names > kMostNames) {
      words.pop_back();
      words += "and " + std::to_string(left_out.labels.size() - kMostNames) + " more";
      break;
    }
    words.append(name).append("\" (").append(texts(count)).append(")");
  }
  if (left_out.texts > 0) {
    words.append(words.empty() ? "" : "; ").append(texts(left_out.texts));
    words += " without a value for every label";
  }
  return words.empty() ? words : "left out: " + words;
}

}  // namespace polytag
