#include "files/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

IoError failure(const char* action, const std::filesystem::path& file, int error) {
  return IoError::cannot(action, file.string(), std::generic_category().message(error));
}

}  // namespace

RegularFile::RegularFile(std::filesystem::path path) : path_(std::move(path)) {
  // Opening a pipe waits for its other end, unless it must not.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) throw failure("open", path_, errno);
  struct stat status {};
  const int error = ::fstat(descriptor_, &status) == 0 ? 0 : errno;
  if (error != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    if (error != 0) throw failure("examine", path_, error);
    throw IoError::cannot("read", path_.string(), "not a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

RegularFile::~RegularFile() { ::close(descriptor_); }

void RegularFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ::ssize_t count = ::pread(descriptor_, out.data() + done, out.size() - done,
                                    static_cast<::off_t>(offset + done));
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count == 0) {
      throw IoError::cannot("read", path_.string(),
                            "expected " + std::to_string(out.size()) + " bytes at " +
                                std::to_string(offset) + ", found " + std::to_string(done) +
                                " (it had " + std::to_string(size_) + " bytes when it was opened)");
    } else if (errno != EINTR) {
      throw failure("read", path_, errno);
    }
  }
}

}  // namespace polytag
