#include "polytag/core/workspace.hpp"

#include <cstdint>

#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("workspace: allocations are aligned and do not overlap", "[core][workspace]") {
  Workspace workspace;
  const auto a = workspace.allocate<float>(3);
  const auto b = workspace.allocate<std::int8_t>(100);
  const auto c = workspace.allocate<double>(1 << 20);
  for (const void* p : {static_cast<const void*>(a.data()), static_cast<const void*>(b.data()),
                        static_cast<const void*>(c.data())}) {
    CHECK(reinterpret_cast<std::uintptr_t>(p) % kAlignment == 0);
  }
  CHECK(static_cast<void*>(b.data()) >= static_cast<void*>(a.data() + a.size()));
}

TEST_CASE("workspace: a scope gives its memory back and the steady state grows no more",
          "[core][workspace]") {
  Workspace workspace;
  std::size_t steady = 0;
  for (int round = 0; round < 10; ++round) {
    const Workspace::Scope scope(workspace);
    workspace.allocate<float>(300000);
    {
      const Workspace::Scope inner(workspace);
      workspace.allocate<float>(700000);
    }
    workspace.allocate<float>(600000);
    if (round == 1) steady = workspace.capacity();
    if (round > 1) CHECK(workspace.capacity() == steady);
  }
}

TEST_CASE("workspace: a limit is kept, and what a scope frees is given back", "[core][workspace]") {
  Workspace workspace(1000);
  const auto kept = workspace.allocate<std::byte>(100);  // two cache lines
  kept.front() = std::byte{1};
  CHECK(workspace.capacity() == 128);
  CHECK(workspace.share_of_rest(2) == (1000 - 128) / 2);
  for (int round = 0; round < 3; ++round) {
    const Workspace::Scope scope(workspace);
    workspace.allocate<std::byte>(512);
    CHECK_THROWS_AS(workspace.allocate<std::byte>(512), WorkspaceFull);
    workspace.allocate<std::byte>(300);
    CHECK(workspace.capacity() == 128 + 512 + 320);
  }
  CHECK(workspace.capacity() == 128);
  CHECK(workspace.peak() == 128 + 512 + 320);
  CHECK(kept.front() == std::byte{1});
  CHECK_FALSE(Workspace().share_of_rest(2).has_value());
}
