#include "data/file_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

FileStream::FileStream(const std::string& path, std::stop_token stop)
    : name_(path == "-" ? "standard input" : path) {
  file_ = FileDescriptor(path == "-" ? ::dup(STDIN_FILENO)
                                     : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file_.get() < 0 || ::fstat(file_.get(), &status) != 0) {
    throw IoError::cannot("open", name_, std::generic_category().message(errno));
  }
  if (S_ISREG(status.st_mode)) {
    size_ = static_cast<std::size_t>(status.st_size);
  } else {
    stop_ = std::make_unique<StopWatch>(std::move(stop));
  }
}

std::size_t FileStream::read(std::span<char> block) {
  while (true) {
    if (stop_) wait_for(file_.get(), POLLIN, stop_->event);
    const ::ssize_t count = ::read(file_.get(), block.data(), block.size());
    if (count == 0 && !block.empty()) expect_whole();
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) {
      throw IoError::cannot("read", name_, std::generic_category().message(errno));
    }
  }
}

/// A file that was cut ends like any other, but rows are missing.
void FileStream::expect_whole() const {
  struct stat status {};
  if (!size_ || ::fstat(file_.get(), &status) != 0) return;
  if (static_cast<std::size_t>(status.st_size) >= *size_) return;
  throw IoError::cannot("read", name_,
                        "it was cut from " + std::to_string(*size_) + " bytes to " +
                            std::to_string(status.st_size) + " while it was read");
}

bool FileStream::ready() {
  if (size_) return true;
  pollfd wait{file_.get(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

}  // namespace polytag
