// The system gives fewer bytes than were asked for, is interrupted, or fails. A pread() of the
// test's own stands in front of the system's.

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <limits>
#include <string>

#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

/// What the next reads do.
struct Reads {
  std::size_t most = kAll;       // bytes that one call gives
  bool interrupted = false;      // every second call
  std::size_t successes = kAll;  // before a call fails
  int error = 0;                 // of the call that fails; 0: the end of the file
  std::size_t calls = 0;
};
Reads reads;

}  // namespace

extern "C" ssize_t pread(int descriptor, void* buffer, std::size_t count, off_t offset) {
  const std::size_t call = reads.calls++;
  if (reads.interrupted && call % 2 == 0) return errno = EINTR, -1;
  if (call >= reads.successes) {
    errno = reads.error;
    return reads.error == 0 ? 0 : -1;
  }
  return ::syscall(SYS_pread64, descriptor, buffer, count < reads.most ? count : reads.most,
                   offset);
}

namespace {

const fs::path kModel = POLYTAG_EXAMPLE_MODEL;

TextScores scores() { return load_classifier(kModel)->scores("wheat and oil"); }

}  // namespace

TEST_CASE("read faults: short and interrupted reads change nothing", "[faults]") {
  reads = {};
  const auto expected = scores();
  REQUIRE(reads.calls > 5);  // ours is the one that is called
  const std::size_t calls = reads.calls;
  for (const std::size_t most : {std::size_t{4093}, std::size_t{65536}}) {
    reads = {.most = most, .interrupted = true};
    CHECK(scores() == expected);
    CHECK(reads.calls > 2 * calls);
  }
  reads = {};
}

TEST_CASE("read faults: every read of a load that fails is an IoError that names its file",
          "[faults]") {
  reads = {};
  scores();
  const std::size_t calls = reads.calls;
  for (const int error : {0, EIO, ESTALE}) {
    const std::size_t step = error == EIO ? 1 : 10;
    for (std::size_t successes = 0; successes < calls; successes += step) {
      reads = {.successes = successes, .error = error};
      std::string message;
      try {
        load_classifier(kModel);
      } catch (const IoError& failure) {
        message = failure.what();
      }
      reads = {};
      INFO("error " << error << " behind " << successes << ": " << message);
      CHECK(message.starts_with(kModel.string() + "/"));
      CHECK_THAT(message,
                 ContainsSubstring(error == 0 ? ": cannot read: expected " : ": cannot read: "));
    }
  }
}

TEST_CASE("read faults: every read of a PyTorch archive that fails is an IoError", "[faults]") {
  const fs::path file = fs::path(POLYTAG_TEST_DATA) / "checkpoints/torch_views.pt";
  const auto read_all = [&] {
    const WeightSource source = open_checkpoint(file).weights;
    for (const StoredTensor& tensor : source.tensors()) (void)tensor.bytes.read();
  };
  reads = {};
  read_all();
  const std::size_t calls = reads.calls;
  CHECK(calls > 10);
  for (std::size_t successes = 0; successes < calls; ++successes) {
    reads = {.successes = successes, .error = EIO};
    CHECK_THROWS_AS(read_all(), IoError);
  }
  reads = {.most = 3, .interrupted = true};
  CHECK_NOTHROW(read_all());
  reads = {};
}
