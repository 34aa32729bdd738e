// Labelled rows of every format, by guess and by option: labels are the model's, ascending, each
// once.

#include "polytag/data/labelled_rows.hpp"

#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "row_reading.hpp"
#include "scratch_directory.hpp"

namespace {

void check_set(const std::vector<std::size_t>& labels, std::size_t size) {
  using polytag::fuzz::require;
  require(std::ranges::is_sorted(labels), "labels are ascending");
  require(std::ranges::adjacent_find(labels) == labels.end(), "a label is there once");
  require(labels.empty() || labels.back() < size, "labels are the model's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polytag;
  static const fuzz::ScratchDirectory directory;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t flags = choices.byte();
  const std::uint8_t more = choices.byte();
  RowOptions rows{.format = static_cast<InputFormat>(flags & 3)};
  rows.encoding = fuzz::encoding_of(more);
  if ((flags & 4) != 0) rows.delimiter = '\t';
  if ((flags & 8) != 0) rows.header = false, rows.text_field = "1";
  LabelOptions options;
  if ((flags & 16) != 0) options.labels_field = "2";
  if ((flags & 32) != 0) options.labels_format = static_cast<LabelFormat>((more >> 3) % 3);
  if ((flags & 64) != 0) options.labels_delimiter = ';';
  if ((flags & 128) != 0) options.unknown_labels = UnknownLabels::kError;

  // Nothing is written for an empty input, of which there is no file.
  const std::string path = directory.write("rows", choices.rest()).string();
  const LabelVocabulary labels({"a", "b c", "1", "d,e", "nan"}, "test");
  fuzz::succeeds([&] {
    LabelledRows source({path, rows}, options, labels);
    LabelledRow row;
    while (source.next(row)) {
      if (row.row.error) continue;
      check_set(row.labels, labels.size());
      check_set(row.missing, labels.size());
    }
  });
  return 0;
}
