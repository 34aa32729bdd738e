#include "polytag/core/executor.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "polytag/core/execution.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("thread pool: every task runs exactly once", "[core][executor]") {
  ThreadPool pool(4);
  CHECK(pool.concurrency() == 4);
  for (const std::size_t count : {0U, 1U, 3U, 1000U}) {
    std::vector<std::atomic<int>> calls(count);
    pool.run(count, [&](std::size_t i) { calls[i].fetch_add(1); });
    for (const auto& called : calls) CHECK(called.load() == 1);
  }
}

TEST_CASE("thread pool: a task's exception reaches the caller after all tasks",
          "[core][executor]") {
  ThreadPool pool(3);
  std::atomic<int> ran{0};
  CHECK_THROWS_AS(pool.run(50,
                           [&](std::size_t i) {
                             ran.fetch_add(1);
                             if (i == 7) throw std::runtime_error("seven");
                           }),
                  std::runtime_error);
  CHECK(ran.load() == 50);
  pool.run(2, [&](std::size_t) { ran.fetch_add(1); });
  CHECK(ran.load() == 52);
}

TEST_CASE("thread pool: callers on several threads and nested runs all finish",
          "[core][executor]") {
  ThreadPool pool(3);
  std::atomic<int> total{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        pool.run(8, [&](std::size_t) { pool.run(2, [&](std::size_t) { total.fetch_add(1); }); });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(total.load() == 4 * 50 * 8 * 2);
}

TEST_CASE("thread pool: zero threads is an error", "[core][executor]") {
  CHECK_THROWS_AS(ThreadPool(0), ArgumentError);
}

TEST_CASE("work_range: parts cover all items once, in granules", "[core][executor]") {
  for (const std::size_t count : {0U, 1U, 15U, 16U, 17U, 384U, 1000U}) {
    for (const std::size_t parts : {1U, 2U, 3U, 7U}) {
      std::size_t next = 0;
      for (std::size_t part = 0; part < parts; ++part) {
        const WorkRange range = work_range(count, parts, part, 16);
        CHECK(range.begin == next);
        CHECK((range.end % 16 == 0 || range.end == count));
        next = range.end;
      }
      CHECK(next == count);
    }
  }
}
