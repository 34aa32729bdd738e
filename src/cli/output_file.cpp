#include "cli/output_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "polytag/error.hpp"

namespace polytag::cli {

namespace fs = std::filesystem;

OutputFile::OutputFile(const std::optional<std::string>& path, const StopEvent& stop)
    : name_(path.value_or("-")), stop_(stop) {
  std::error_code error;
  if (name_ == "-") {
    name_ = "standard output";
    file_ = FileDescriptor(STDOUT_FILENO);
  } else if (const fs::file_status status = fs::status(name_, error);
             fs::exists(status) && !fs::is_regular_file(status)) {
    file_ = FileDescriptor(::open(name_.c_str(), O_WRONLY | O_CLOEXEC));
    if (file_.get() < 0) fail("open");
  } else {
    // Through a symbolic link: its target is what changes, the link stays.
    const fs::path resolved = fs::weakly_canonical(name_, error);
    open_temporary(error ? fs::path(name_) : resolved);
  }
  struct stat status {};
  may_wait_ = ::fstat(file_.get(), &status) == 0 && !S_ISREG(status.st_mode);
}

void OutputFile::open_temporary(const fs::path& path) {
  target_ = path;
  const std::string stem = target_.string() + ".partial-" + std::to_string(::getpid());
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary_ = stem;
    if (attempt > 0) temporary_ += '-' + std::to_string(attempt);
    file_ =
        FileDescriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file_.get() >= 0 || errno != EEXIST) break;
  }
  if (file_.get() < 0) {
    temporary_.clear();
    fail("create");
  }
  struct stat status {};
  // A file that is replaced keeps its permissions.
  if (::stat(target_.c_str(), &status) == 0) ::fchmod(file_.get(), status.st_mode & 07777);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  // Standard output is not ours to close.
  if (file_.get() == STDOUT_FILENO) file_.release();
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    // A pipe that poll() calls writable takes PIPE_BUF bytes without blocking, so a stop is seen.
    const std::size_t count =
        may_wait_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    if (may_wait_) wait_for(file_.get(), POLLOUT, stop_);
    const ::ssize_t written = ::write(file_.get(), bytes.data(), count);
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      fail("write");
    }
  }
}

void OutputFile::commit() {
  // Only now do some file systems say that a disk is full.
  if (!may_wait_ && !temporary_.empty() && ::fsync(file_.get()) != 0) fail("write");
  if (::close(file_.release()) != 0 && errno != EINTR) fail("write");
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("create");
  temporary_.clear();
}

bool OutputFile::is_terminal() const noexcept { return ::isatty(file_.get()) == 1; }

void OutputFile::fail(std::string_view action) const {
  throw IoError::cannot(action, name_, std::generic_category().message(errno));
}

}  // namespace polytag::cli
