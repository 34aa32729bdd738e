#include "polytag/core/executor.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "core/cgroup_quota.hpp"
#include "polytag/error.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

namespace polytag {

namespace {

/// How long an idle thread spins before it sleeps. Between two layers of one text the next task
/// arrives within microseconds, and spinning that long is cheaper than a system call.
constexpr int kSpins = 4000;

inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

struct ThreadPool::State {
  /// One call of run(). Lives on the caller's stack; workers hold it only while `users` counts
  /// them.
  struct Job {
    const std::function<void(std::size_t)>* task = nullptr;
    std::size_t count = 0;
    std::atomic<std::size_t> next{0};
    std::mutex failure_mutex{};
    std::exception_ptr failure{};

    void work() {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
        try {
          (*task)(i);
        } catch (...) {
          const std::lock_guard lock(failure_mutex);
          if (!failure) failure = std::current_exception();
        }
      }
    }
  };

  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::uint64_t> generation{0};  // grows with every job and once at the end
  Job* job = nullptr;                        // guarded by mutex; null between jobs
  bool stopping = false;                     // guarded by mutex
  std::atomic<std::size_t> users{0};         // workers inside the job
  std::mutex busy;                           // held by the thread whose run() owns the pool
  std::vector<std::thread> threads;

  void serve() {
    std::uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && generation.load(std::memory_order_acquire) == seen;
           ++spin) {
        pause();
      }
      Job* mine = nullptr;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return generation.load() != seen; });
        seen = generation.load();
        if (stopping) return;
        mine = job;
        if (mine != nullptr) users.fetch_add(1);
      }
      if (mine == nullptr) continue;  // the job ended before this thread came
      mine->work();
      users.fetch_sub(1, std::memory_order_release);
    }
  }

  void publish(Job* next) {
    {
      const std::lock_guard lock(mutex);
      job = next;
      generation.fetch_add(1);
    }
    wake.notify_all();
  }

  void stop() noexcept {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      generation.fetch_add(1);
    }
    wake.notify_all();
    for (std::thread& thread : threads) thread.join();
  }
};

ThreadPool::ThreadPool(std::size_t threads) : state_(std::make_unique<State>()) {
  if (threads == 0) throw ArgumentError::mismatch("threads", "at least 1", "0");
  try {
    for (std::size_t i = 1; i < threads; ++i) {
      state_->threads.emplace_back([state = state_.get()] { state->serve(); });
    }
  } catch (const std::system_error& error) {
    state_->stop();
    throw ArgumentError::mismatch("threads",
                                  "at most " + std::to_string(concurrency()) +
                                      ", which is what the system lets this process start (" +
                                      error.code().message() + ")",
                                  std::to_string(threads));
  } catch (...) {
    state_->stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { state_->stop(); }

std::size_t ThreadPool::concurrency() const noexcept { return state_->threads.size() + 1; }

void ThreadPool::run(std::size_t count, const std::function<void(std::size_t)>& task) {
  State& state = *state_;
  const std::unique_lock owner(state.busy, std::try_to_lock);
  if (count <= 1 || state.threads.empty() || !owner.owns_lock()) {
    SerialExecutor().run(count, task);
    return;
  }
  State::Job job{.task = &task, .count = count};
  state.publish(&job);
  job.work();
  {
    const std::lock_guard lock(state.mutex);
    state.job = nullptr;  // threads that have not begun by now stay out
  }
  for (int spin = 0; state.users.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < kSpins) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (job.failure) std::rethrow_exception(job.failure);
}

std::size_t available_threads() {
  std::size_t count = std::max(1U, std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    count = static_cast<std::size_t>(std::max(1, CPU_COUNT(&mask)));
  }
  // Half a core's worth of time still needs a thread.
  if (const auto cores = cgroup_cores("/"); cores && *cores < static_cast<double>(count)) {
    count = static_cast<std::size_t>(std::ceil(*cores));
  }
#endif
  return count;
}

}  // namespace polytag
