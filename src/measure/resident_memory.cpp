#include "measure/resident_memory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "files/stop_event.hpp"
#include "polytag/error.hpp"

namespace polytag {

ResidentMemory resident_memory() {
  constexpr std::size_t kKibibyte = 1024;
  ResidentMemory memory{0, 0};
  std::ifstream status("/proc/self/status");
  for (std::string field; status >> field; std::getline(status, field)) {
    if (field == "VmRSS:" && status >> memory.bytes) memory.bytes *= kKibibyte;
    if (field == "VmHWM:" && status >> memory.peak_bytes) memory.peak_bytes *= kKibibyte;
  }
  return memory;
}

namespace {

/// The child's part. Ends without cleaning up: everything belongs to the parent.
[[noreturn]] void report_to(int descriptor, const std::function<void()>& work) {
  try {
    work();
    const ResidentMemory memory = resident_memory();
    const bool written = ::write(descriptor, &memory, sizeof memory) == sizeof memory;
    ::_exit(written ? 0 : 1);
  } catch (...) {
    ::_exit(1);
  }
}

}  // namespace

std::optional<ResidentMemory> resident_memory_after(const std::function<void()>& work) {
  const Pipe pipe = open_pipe();
  const ::pid_t child = ::fork();
  if (child < 0) {
    throw IoError::cannot("start", "a process to measure memory",
                          std::generic_category().message(errno));
  }
  if (child == 0) report_to(pipe.write_end.get(), work);

  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  ResidentMemory memory{0, 0};
  const ssize_t count = ::read(pipe.read_end.get(), &memory, sizeof memory);
  if (count != sizeof memory || memory.bytes == 0) return std::nullopt;
  return memory;
}

}  // namespace polytag
