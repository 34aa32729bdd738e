#include "text/grapheme_clusters.hpp"

#include "core/utf8.hpp"
#include "text/unicode_ranges.hpp"

namespace polytag::text {
namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && find_range(kClusterControls, c) != nullptr);
}
bool joins_before(char32_t c) { return c >= 0x300 && find_range(kClusterEnds, c) != nullptr; }
bool joins_behind(char32_t c) { return c >= 0x600 && find_range(kClusterBegins, c) != nullptr; }

}  // namespace

GraphemeCluster cluster_at(const Characters& characters, std::size_t begin) {
  const auto code_point = [&](std::size_t index) { return characters[index].code_point; };
  const char32_t first = code_point(begin);
  GraphemeCluster cluster{begin + 1, utf8_size(first)};
  if (cluster.end == characters.size()) return cluster;
  const char32_t second = code_point(cluster.end);
  if (first < 0x300 && second < 0x300) {
    if (first == '\r' && second == '\n') cluster = {cluster.end + 1, 2};
    return cluster;
  }
  if (is_control(first)) return cluster;

  const auto take = [&] { cluster.bytes += utf8_size(code_point(cluster.end++)); };
  while (cluster.end < characters.size() && joins_behind(code_point(cluster.end - 1)) &&
         !is_control(code_point(cluster.end))) {
    take();
  }
  while (cluster.end < characters.size() && joins_before(code_point(cluster.end))) take();
  return cluster;
}

}  // namespace polytag::text
