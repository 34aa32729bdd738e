// The system refuses to start a thread: an Error comes out, the threads that did start end, and the
// program goes on.

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

std::atomic<int> threads_left{1 << 30};

}  // namespace

/// Stands in front of the system's, and refuses once as many have started as a test lets.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) {
  if (threads_left.fetch_sub(1) <= 0) return EAGAIN;
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, start, argument);
}

TEST_CASE("thread faults: a pool that the system does not start whole is an error, and leaks none",
          "[faults]") {
  { const ThreadPool warm(2); }
  const auto start = [](int allowed) {
    std::string message;
    threads_left = allowed;
    try {
      const ThreadPool pool(5);
    } catch (const ArgumentError& error) {
      message = error.what();
    }
    threads_left = 1 << 30;
    return message;
  };
  for (int allowed = 0; allowed < 4; ++allowed) {
    const std::size_t before = live_allocations();
    (void)start(allowed);
    const std::size_t after = live_allocations();
    CHECK(after == before);
    CHECK(start(allowed) == "threads: expected at most " + std::to_string(allowed + 1) +
                                ", which is what the system lets this process start (Resource "
                                "temporarily unavailable), found 5");
  }
}

TEST_CASE("thread faults: loading with more threads than there can be", "[faults]") {
  LoadOptions options;
  options.threads = 1000;
  threads_left = 3;
  CHECK_THROWS_AS(load_classifier(POLYTAG_EXAMPLE_MODEL, options), ArgumentError);
  threads_left = 1 << 30;
  options.threads = 2;
  CHECK(load_classifier(POLYTAG_EXAMPLE_MODEL, options)->scores("wheat").scores.size() > 1);
}
