#include "checkpoints/mapped_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "polytag/error.hpp"

#if __has_include(<sys/mman.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <fstream>
#endif

namespace polytag {

#if __has_include(<sys/mman.h>)

namespace {

IoError failure(const char* action, const std::filesystem::path& file) {
  return IoError::cannot(action, file.string(), std::generic_category().message(errno));
}

struct Descriptor {
  int number;
  ~Descriptor() { ::close(number); }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& file) {
  // Opening a pipe waits for its other end, unless it must not.
  const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (number < 0) throw failure("open", file);
  const Descriptor descriptor{number};
  struct stat status {};
  if (::fstat(number, &status) != 0) throw failure("examine", file);
  if (!S_ISREG(status.st_mode)) {
    throw IoError::cannot("map", file.string(), "not a regular file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;  // nothing can be mapped of an empty file
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, number, 0);
  if (start == MAP_FAILED) throw failure("map", file);
  bytes_ = {static_cast<const std::byte*>(start), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

#else

MappedFile::MappedFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !std::filesystem::is_regular_file(file)) {
    throw IoError::cannot("open", file.string(), "no regular file that can be read");
  }
  read_.resize(static_cast<std::size_t>(std::filesystem::file_size(file)));
  stream.read(reinterpret_cast<char*>(read_.data()), static_cast<std::streamsize>(read_.size()));
  if (!stream) throw IoError::cannot("read", file.string(), "input error");
  bytes_ = read_;
}

MappedFile::~MappedFile() = default;

#endif

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), read_(std::move(other.read_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(read_, other.read_);
  return *this;
}

}  // namespace polytag
