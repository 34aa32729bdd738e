#include "files/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "files/final_name.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace fs = std::filesystem;

namespace {

/// The file that a symbolic link points to.
fs::path target_of(const fs::path& path) {
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(path, error);
  return error ? path : resolved;
}

}  // namespace

NewFile::NewFile(const fs::path& file, Unfinished unfinished)
    : name_(file.string()), unfinished_(unfinished), target_(target_of(file)) {
  const auto open = [this](const fs::path& path, int flags) {
    file_ = FileDescriptor(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0666));
    return file_.get() < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
  };
  if (unfinished == Unfinished::kKept) {
    temporary_ = kept_path(file);
    if (open(temporary_, O_RDWR)) fail("create");
  } else {
    // Exclusive, so that writers beside each other never share a file.
    temporary_ = make_temporary(
        target_, [&](const fs::path& path) { return open(path, O_WRONLY | O_EXCL); });
  }
  struct stat status {};
  if (::stat(target_.c_str(), &status) == 0) ::fchmod(file_.get(), status.st_mode & 07777);
}

NewFile::~NewFile() {
  if (temporary_.empty()) return;
  struct stat status {};
  const bool empty = ::fstat(file_.get(), &status) == 0 && status.st_size == 0;
  if (unfinished_ == Unfinished::kRemoved || empty) ::unlink(temporary_.c_str());
}

void NewFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      fail("write");
    }
  }
}

void NewFile::commit() {
  // Some file systems report a full disk only here.
  if (::fsync(file_.get()) != 0) fail("write");
  if (::close(file_.release()) != 0 && errno != EINTR) fail("write");
  give_final_name(temporary_, target_);
  temporary_.clear();
}

fs::path NewFile::kept_path(const fs::path& file) {
  fs::path path = target_of(file);
  return path += ".partial";
}

std::size_t NewFile::size() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail("read");
  return static_cast<std::size_t>(status.st_size);
}

void NewFile::read_back(std::size_t begin, std::span<char> bytes) const {
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

void NewFile::cut(std::size_t size) {
  const auto end = static_cast<::off_t>(size);
  if (::ftruncate(file_.get(), end) != 0 || ::lseek(file_.get(), end, SEEK_SET) < 0) fail("write");
}

void NewFile::fail(std::string_view action) const {
  throw IoError::cannot(action, name_, std::generic_category().message(errno));
}

}  // namespace polytag
