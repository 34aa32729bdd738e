#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "polytag/export.hpp"

namespace polytag {

/// Runs independent tasks. Give your own to polytag to have its work done on your threads.
class POLYTAG_EXPORT Executor {
 public:
  virtual ~Executor() = default;

  /// How many tasks can run at the same time, at least 1.
  virtual std::size_t concurrency() const noexcept = 0;

  /// Calls task(0) … task(count - 1), each once, in any order and possibly at the same time, and
  /// returns when all have returned. The first exception that a task throws is thrown again here,
  /// after all have ended. Results must not, and in polytag do not, depend on the order.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& task) = 0;
};

/// Runs every task on the calling thread. Thread-safe.
class SerialExecutor final : public Executor {
 public:
  std::size_t concurrency() const noexcept override { return 1; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
    for (std::size_t i = 0; i < count; ++i) task(i);
  }
};

/// A fixed set of threads. The thread that calls run() works too, so a pool of n starts n - 1
/// threads. Calls of run() from several threads at once, or from inside a task, are safe: one that
/// finds the pool busy does its tasks on its own thread.
class POLYTAG_EXPORT ThreadPool final : public Executor {
 public:
  /// @param threads  how many threads work at a time, the caller's included, at least 1
  /// @throws ArgumentError for 0, or if the system does not start so many
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t concurrency() const noexcept override;
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How many threads this process may use: what the affinity mask and the cgroup's quota leave of
/// the machine's cores, at least 1.
POLYTAG_EXPORT std::size_t available_threads();

}  // namespace polytag
