#include "text/short_word_table.hpp"

namespace polytag {

ShortWordTable::ShortWordTable(std::span<const text::DoubleArrayTrie::Entry> words) {
  const std::size_t capacity = std::bit_ceil(2 * words.size() + 2);
  shift_ = 64 - std::countr_zero(capacity);
  slots_.resize(capacity + kMostProbes);
  for (const text::DoubleArrayTrie::Entry& entry : words) {
    if (!fits_short_word(entry.key)) continue;
    const ShortWord word = make_short_word(entry.key);
    const std::size_t first = home(word);
    for (std::size_t slot = first; slot < first + kMostProbes; ++slot) {
      if (slots_[slot].id != kNotFound) continue;
      slots_[slot] = {word, entry.value};
      break;
    }
  }
}

}  // namespace polytag
