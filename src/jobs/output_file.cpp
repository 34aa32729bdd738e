#include "jobs/output_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "files/final_name.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace fs = std::filesystem;

namespace {

/// The file that a symbolic link points to: it is replaced, and the link stays.
fs::path target_of(const std::string& path) {
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(path, error);
  return error ? fs::path(path) : resolved;
}

/// True of devices and named pipes, and of directories, which then fail to open.
bool is_written_in_place(const std::string& path) {
  std::error_code error;
  const fs::file_status existing = fs::status(path, error);
  return fs::exists(existing) && !fs::is_regular_file(existing);
}

}  // namespace

OutputFile::OutputFile(const std::optional<std::string>& path, const StopEvent& stop,
                       Unfinished unfinished)
    : name_(path.value_or("-")), stop_(stop), unfinished_(unfinished) {
  if (unfinished == Unfinished::kKept) {
    open_kept(unfinished_path(path));
  } else if (name_ == "-") {
    name_ = "standard output";
    file_ = FileDescriptor(STDOUT_FILENO);
  } else if (is_written_in_place(name_)) {
    file_ = FileDescriptor(::open(name_.c_str(), O_WRONLY | O_CLOEXEC));
    if (file_.get() < 0) fail("open");
  } else {
    create_temporary();
  }
  struct stat status {};
  may_wait_ = ::fstat(file_.get(), &status) == 0 && !S_ISREG(status.st_mode);
}

void OutputFile::create_temporary() {
  target_ = target_of(name_);
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
  keep_permissions();
}

void OutputFile::open_kept(fs::path unfinished) {
  target_ = target_of(name_);
  temporary_ = std::move(unfinished);
  file_ = FileDescriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file_.get() < 0) fail("create");
  keep_permissions();
}

/// A file that is replaced keeps its permissions.
void OutputFile::keep_permissions() const {
  struct stat status {};
  if (::stat(target_.c_str(), &status) == 0) ::fchmod(file_.get(), status.st_mode & 07777);
}

OutputFile::~OutputFile() {
  struct stat status {};
  const bool empty = ::fstat(file_.get(), &status) == 0 && status.st_size == 0;
  if (!temporary_.empty() && (unfinished_ == Unfinished::kRemoved || empty)) {
    ::unlink(temporary_.c_str());
  }
  // Standard output stays open.
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
  // Some file systems report a full disk only here.
  if (!may_wait_ && !temporary_.empty() && ::fsync(file_.get()) != 0) fail("write");
  if (::close(file_.release()) != 0 && errno != EINTR) fail("write");
  if (temporary_.empty()) return;
  give_final_name(temporary_, target_);
  temporary_.clear();
}

bool OutputFile::is_terminal() const noexcept { return ::isatty(file_.get()) == 1; }

fs::path OutputFile::unfinished_path(const std::optional<std::string>& path) {
  if (!path || *path == "-" || is_written_in_place(*path)) {
    throw ArgumentError::mismatch("output", "the name of a file (resume)",
                                  path.value_or("-") == "-" ? "standard output" : *path);
  }
  fs::path unfinished = target_of(*path);
  return unfinished += ".partial";
}

std::size_t OutputFile::size() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail("read");
  return static_cast<std::size_t>(status.st_size);
}

void OutputFile::read_back(std::size_t begin, std::span<char> bytes) const {
  while (!bytes.empty()) {
    const ::ssize_t count =
        ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<::off_t>(begin));
    if (count == 0) errno = EIO;  // somebody else has cut the file
    if (count == 0 || (count < 0 && errno != EINTR)) fail("read");
    if (count < 0) continue;
    begin += static_cast<std::size_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void OutputFile::cut(std::size_t size) {
  const auto end = static_cast<::off_t>(size);
  if (::ftruncate(file_.get(), end) != 0 || ::lseek(file_.get(), end, SEEK_SET) < 0) fail("write");
}

void OutputFile::fail(std::string_view action) const {
  throw IoError::cannot(action, name_, std::generic_category().message(errno));
}

}  // namespace polytag
