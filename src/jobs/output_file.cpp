#include "jobs/output_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "polytag/error.hpp"

namespace polytag {

namespace fs = std::filesystem;

namespace {

/// True of devices and named pipes, and of directories, which then fail to open.
bool is_written_in_place(const std::string& path) {
  std::error_code error;
  const fs::file_status existing = fs::status(path, error);
  return fs::exists(existing) && !fs::is_regular_file(existing);
}

void expect_file(const std::optional<std::string>& path) {
  if (!path || *path == "-" || is_written_in_place(*path)) {
    throw ArgumentError::mismatch("output", "the name of a file (resume)",
                                  path.value_or("-") == "-" ? "standard output" : *path);
  }
}

}  // namespace

OutputFile::OutputFile(const std::optional<std::string>& path, const StopEvent& stop,
                       Unfinished unfinished)
    : name_(path.value_or("-")), stop_(stop) {
  if (unfinished == Unfinished::kKept) expect_file(path);
  if (name_ == "-") {
    name_ = "standard output";
    stream_ = FileDescriptor(STDOUT_FILENO);
  } else if (is_written_in_place(name_)) {
    stream_ = FileDescriptor(::open(name_.c_str(), O_WRONLY | O_CLOEXEC));
    if (stream_.get() < 0) fail("open");
  } else {
    file_.emplace(name_, unfinished);
    return;
  }
  struct stat status {};
  may_wait_ = ::fstat(stream_.get(), &status) == 0 && !S_ISREG(status.st_mode);
}

OutputFile::~OutputFile() {
  // Standard output stays open.
  if (stream_.get() == STDOUT_FILENO) stream_.release();
}

void OutputFile::write(std::string_view bytes) {
  if (file_) return file_->write(bytes);
  while (!bytes.empty()) {
    // A pipe that poll() calls writable takes PIPE_BUF bytes without blocking, so a stop is seen.
    const std::size_t count =
        may_wait_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    if (may_wait_) wait_for(stream_.get(), POLLOUT, stop_);
    const ::ssize_t written = ::write(stream_.get(), bytes.data(), count);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      fail("write");
    }
  }
}

void OutputFile::commit() {
  if (file_) return file_->commit();
  if (::close(stream_.release()) != 0 && errno != EINTR) fail("write");
}

bool OutputFile::is_terminal() const noexcept { return ::isatty(stream_.get()) == 1; }

fs::path OutputFile::kept_path(const std::optional<std::string>& path) {
  expect_file(path);
  return NewFile::kept_path(*path);
}

void OutputFile::fail(std::string_view action) const {
  throw IoError::cannot(action, name_, std::generic_category().message(errno));
}

}  // namespace polytag
