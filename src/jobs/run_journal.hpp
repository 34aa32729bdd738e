#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/file_descriptor.hpp"
#include "files/new_file.hpp"
#include "polytag/data/row.hpp"

namespace polytag {

/// Everything but its rows that decides about a run's results: names and values, in fixed order.
using RunIdentity = std::vector<std::pair<std::string, std::string>>;

/// How far a run is.
struct RunState {
  std::size_t rows = 0;      ///< skipped ones included
  std::size_t skipped = 0;   ///< of them
  std::uint32_t digest = 0;  ///< of what was read in them

  /// Takes what was read in a row into the digest.
  void add_to_digest(const InputRow& row);
};

/// Says beside an unfinished output how much of it is done, so that a run can be continued after
/// whatever ended it. Its first line names the run; each further one is a state that the run has
/// reached, with the size of the output there and a checksum of what was written since the line
/// before. Lines that the checksums do not confirm, as after a loss of power, do not count.
class RunJournal {
 public:
  /// Opens or creates the journal and locks out other runs.
  /// @param unfinished  the output's name until it is complete
  /// @throws IoError, also if another run has the journal
  explicit RunJournal(const std::filesystem::path& unfinished);

  /// Begins a run, or cuts the output of the one that was interrupted to what is certain.
  /// @param output  with Unfinished::kKept; outlives the journal
  /// @throws ArgumentError for another run than the interrupted one, naming what differs;
  ///         FormatError for an output of which the journal says nothing; IoError
  void resume(NewFile& output, const RunIdentity& identity);

  /// Where the run goes on.
  const RunState& state() const noexcept { return state_; }
  /// Whether the output holds anything yet, if only a header.
  bool begun() const noexcept { return bytes_ > 0; }

  /// Writes to the output, then says so. @throws IoError, CancelledError
  void write(std::string_view text, const RunState& state);

  /// To be called when the output has its name.
  void remove() const noexcept;

 private:
  void begin(const RunIdentity& identity);
  void expect(std::string_view header, const RunIdentity& identity) const;
  std::size_t confirm(std::string_view records);
  void append(std::string_view line) const;
  [[noreturn]] void fail(std::string_view action) const;

  std::string path_;
  FileDescriptor file_;
  NewFile* output_ = nullptr;
  RunState state_;
  std::size_t bytes_ = 0;  // of the output
};

}  // namespace polytag
