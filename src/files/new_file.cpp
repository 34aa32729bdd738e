#include "files/new_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "files/final_name.hpp"
#include "polytag/error.hpp"

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace polytag {

namespace {

IoError failure(const char* action, const std::filesystem::path& file) {
  return IoError::cannot(action, file.string(), std::generic_category().message(errno));
}

/// Waits until the file is on the disk, where the system offers that.
bool synchronise([[maybe_unused]] std::FILE* stream) {
#if __has_include(<unistd.h>)
  return ::fsync(::fileno(stream)) == 0;
#else
  return true;
#endif
}

}  // namespace

NewFile::NewFile(std::filesystem::path file) : file_(std::move(file)) {
  // "x" refuses names that exist, so that writers beside each other never share a file.
  for (int attempt = 0; stream_ == nullptr && attempt < 1000; ++attempt) {
    temporary_ = file_;
    temporary_ += ".partial" + std::to_string(attempt);
    errno = 0;
    stream_.reset(std::fopen(temporary_.c_str(), "wbx"));
    if (stream_ == nullptr && errno != EEXIST) break;
  }
  if (stream_ == nullptr) throw failure("create", temporary_);
}

NewFile::~NewFile() {
  stream_.reset();
  std::error_code ignored;  // a destructor has no one to tell
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void NewFile::write(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;  // fwrite takes no null pointer, not even for nothing
  errno = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), stream_.get()) != bytes.size()) {
    throw failure("write", file_);
  }
}

void NewFile::commit() {
  errno = 0;
  if (std::fflush(stream_.get()) != 0 || !synchronise(stream_.get()) ||
      std::fclose(stream_.release()) != 0) {
    throw failure("write", file_);
  }
  give_final_name(temporary_, file_);
  temporary_.clear();
}

}  // namespace polytag
