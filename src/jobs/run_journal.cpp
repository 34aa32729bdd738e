#include "jobs/run_journal.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <span>
#include <system_error>

#include "files/crc32.hpp"
#include "files/json.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

constexpr std::size_t kMostJournalBytes = std::size_t{1} << 32;
std::uint32_t checksum(std::string_view text, std::uint32_t before = 0) {
  return crc32c(std::as_bytes(std::span(text)), before);
}

/// A line of the journal.
struct Record {
  RunState state;
  std::size_t bytes = 0;      // of the output
  std::uint32_t written = 0;  // checksum of those since the record before

  std::string line() const {
    return fmt::format("{} {} {} {} {}\n", state.rows, state.skipped, state.digest, bytes, written);
  }

  /// Reads a line that line() made; nullopt for any other.
  static std::optional<Record> parse(std::string_view line) {
    Record record;
    const char* at = line.data();
    const char* const end = at + line.size();
    const auto read = [&](auto& number) {
      if (at != line.data() && (at == end || *at++ != ' ')) return false;
      const auto [next, problem] = std::from_chars(at, end, number);
      at = next;
      return problem == std::errc{};
    };
    const bool complete = read(record.state.rows) && read(record.state.skipped) &&
                          read(record.state.digest) && read(record.bytes) && read(record.written);
    if (!complete || at != end) return std::nullopt;
    return record;
  }
};

/// A line with its end; none if it was torn off.
std::optional<std::string_view> first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(0, end);
}

Json as_json(const RunIdentity& identity) {
  Json json = Json::object();
  for (const auto& [name, value] : identity) json[name] = value;
  // Bytes that are not UTF-8 (in a path, say) are replaced as they are when the file is written.
  return Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string value_of(const Json& run, const std::string& name) {
  const auto value = run.find(name);
  return value == run.end() ? "nothing" : value->dump();
}

}  // namespace

void RunState::add_to_digest(const InputRow& row) {
  const std::string_view pair = row.text_pair ? std::string_view(*row.text_pair) : "";
  const std::string_view error = row.error ? row.error->what() : "";
  // The sizes are part of the digest: characters that move from text to pair change the row.
  const std::array sizes{row.text.size(), pair.size(), error.size()};
  digest = crc32c(std::as_bytes(std::span(sizes)), digest);
  for (const std::string_view part : {std::string_view(row.text), pair, error}) {
    digest = checksum(part, digest);
  }
}

RunJournal::RunJournal(const std::filesystem::path& unfinished)
    : path_(unfinished.string() + ".journal") {
  while (true) {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (file_.get() < 0) fail("create");
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      throw IoError::cannot("use", path_, "another run is writing this output");
    }
    // Another run may have ended meanwhile and removed the file that is locked here.
    struct stat status {};
    if (::fstat(file_.get(), &status) == 0 && status.st_nlink > 0) return;
  }
}

void RunJournal::resume(NewFile& output, const RunIdentity& identity) {
  output_ = &output;
  const std::string journal = read_text_file(path_, kMostJournalBytes);
  const std::optional<std::string_view> header = first_line(journal);
  if (output.size() == 0) return begin(identity);
  if (!header) {
    throw FormatError::mismatch(output.temporary().string(), "",
                                "nothing, or " + path_ + " that says how it was begun",
                                "an output without journal; remove it to begin anew");
  }
  expect(*header, identity);
  const std::size_t begin_of_records = header->size() + 1;
  const std::size_t confirmed =
      begin_of_records + confirm(std::string_view(journal).substr(begin_of_records));
  output.cut(bytes_);
  if (::ftruncate(file_.get(), static_cast<::off_t>(confirmed)) != 0 ||
      ::lseek(file_.get(), 0, SEEK_END) < 0) {
    fail("write");
  }
}

void RunJournal::begin(const RunIdentity& identity) {
  if (::ftruncate(file_.get(), 0) != 0) fail("write");
  append(as_json(identity).dump() + '\n');
  // Without this, a loss of power could keep the output and lose its journal.
  if (::fsync(file_.get()) != 0) fail("write");
}

void RunJournal::expect(std::string_view header, const RunIdentity& identity) const {
  const Json then = parse_json(header, path_);
  const Json now = as_json(identity);
  const auto check = [&](const std::string& name) {
    const std::string was = value_of(then, name);
    const std::string is = value_of(now, name);
    if (was == is) return;
    const std::string unfinished = output_->temporary().string();
    throw ArgumentError::mismatch("resume", name + " as in the run to go on with, " + was,
                                  is + "; to begin anew, remove " + unfinished);
  };
  for (const auto& entry : then.items()) check(entry.key());
  for (const auto& entry : now.items()) check(entry.key());
}

/// Takes over the last state that the output confirms. @return bytes of the records up to it
std::size_t RunJournal::confirm(std::string_view records) {
  std::size_t confirmed = 0;
  std::string written;
  while (const auto line = first_line(records.substr(confirmed))) {
    const std::optional<Record> record = Record::parse(*line);
    if (!record || record->bytes < bytes_ || record->bytes > output_->size()) break;
    written.resize(record->bytes - bytes_);
    output_->read_back(bytes_, written);
    if (checksum(written) != record->written) break;
    state_ = record->state;
    bytes_ = record->bytes;
    confirmed += line->size() + 1;
  }
  return confirmed;
}

void RunJournal::write(std::string_view text, const RunState& state) {
  output_->write(text);
  bytes_ += text.size();
  state_ = state;
  append(Record{state, bytes_, checksum(text)}.line());
}

void RunJournal::append(std::string_view line) const {
  while (!line.empty()) {
    const ::ssize_t written = ::write(file_.get(), line.data(), line.size());
    if (written >= 0) {
      line.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      fail("write");
    }
  }
}

void RunJournal::remove() const noexcept { ::unlink(path_.c_str()); }

void RunJournal::fail(std::string_view action) const {
  throw IoError::cannot(action, path_, std::generic_category().message(errno));
}

}  // namespace polytag
