#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polytag/data/byte_stream.hpp"
#include "polytag/data/row.hpp"
#include "polytag/data/row_options.hpp"

namespace polytag {

/// A CSV cell or a JSON value.
struct FieldValue {
  enum class Kind { kNull, kNaN, kText, kNumber, kBoolean, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text;               ///< of kText; of kNumber as it is written; "true" or "false"
  std::vector<FieldValue> items;  ///< of kList, whose own lists and objects are empty

  static FieldValue of_text(std::string text) { return {Kind::kText, std::move(text), {}}; }
};

/// "a string", "an array", …
std::string_view name_of(FieldValue::Kind kind) noexcept;

/// The fields of one row.
struct Record {
  std::vector<std::string> names;  ///< of all fields, where none were selected
  std::vector<FieldValue> values;  ///< [names], or of the selected fields in their order
  std::optional<FormatError> error;
  std::size_t line = 0;  ///< where the record begins, from 1
};

/// A field that a reader is to give.
struct FieldRequest {
  std::optional<std::string> name;  ///< none: "text", or the only column
  std::string_view option;          ///< what messages call the choice, as in "text_field"
};

/// Reads the records of one stream in bounded memory. Not thread-safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  /// Reads the next record into `record`, whose memory is used again.
  /// @return false at the end
  /// @throws FormatError if nothing sensible can follow, ConfigError for a column that is not there
  virtual bool next(Record& record) = 0;
  virtual bool ready() = 0;
  /// Bytes of the stream that the records so far took.
  virtual std::size_t position() const = 0;
};

/// @param fields  those that records have; empty: all, with their names
/// @throws ArgumentError for a delimiter that cannot be one
std::unique_ptr<RecordReader> make_record_reader(const RowOptions& options,
                                                 std::vector<FieldRequest> fields, std::string name,
                                                 ByteStream& stream, std::size_t block);

/// The requests of a row's texts: the text, and the second one of a pair if the options name it.
std::vector<FieldRequest> text_requests(const RowOptions& options);

/// Moves the texts of a record, whose first fields were requested by text_requests(), into a row.
void take_texts(Record& record, const RowOptions& options, std::string_view file, InputRow& row);

}  // namespace polytag
