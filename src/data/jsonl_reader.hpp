#pragma once

#include <string>

#include "data/row_reader.hpp"

namespace polytag {

/// One JSON object a line; lines of white space alone are passed over.
class JsonlReader final : public RowReader {
 public:
  JsonlReader(LineReader lines, const RowFields& fields);
  bool next(InputRow& row) override;
  bool ready() override { return lines_.ready(); }
  std::size_t position() const override { return lines_.consumed(); }

 private:
  LineReader lines_;
  std::string text_field_;
  std::optional<std::string> pair_field_;
  std::optional<std::string> labels_field_;
};

}  // namespace polytag
